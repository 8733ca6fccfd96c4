/** `status`: every secret field, its state and age, and whether the key opens it. */
import { dirname } from "node:path";
import { checkSecrets, listSecrets, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import {
  findConfigFiles,
  hasRecord,
  isDirectory,
  mentionsToken,
  opennessOf,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";
import { everyKey, isPlain, isProtectionOn } from "@proxmox-mcp/crypto/internal";
import type { FileStatus } from "../file-status.ts";
import { type Finding, findingsOf } from "../findings.ts";
import { parseInput, readInput } from "../input.ts";
import type { StatusInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { findKeysIfAny, type Keys } from "../keys.ts";
import { withMetricsFile } from "../metrics/metrics-file.ts";
import { type Phase, phaseOf } from "../phase.ts";
import type { Skipped } from "../skipped.ts";

/** What `status` found. */
export interface StatusResult {
  readonly command: "status";
  readonly key:
    | {
        readonly from: string;
        readonly id: string | undefined;
        readonly ids: readonly (string | undefined)[];
      }
    | undefined;
  readonly files: readonly FileStatus[];
  /** Files of a directory that were not looked at. */
  readonly skipped: readonly Skipped[];
  readonly findings: readonly Finding[];
  /** Whether findings decide the exit status. */
  readonly check: boolean;
  /** How far a change of keys is; `undefined` without a key, and where it opens none of the tokens. */
  readonly phase: Phase | undefined;
  /** The directories in which a run was interrupted, or is under way. */
  readonly interrupted: readonly string[];
  readonly python: boolean;
  readonly table: boolean;
  /** Where the metrics for Prometheus are, if they were asked for. */
  readonly metrics: false | "printed" | "written";
  readonly now: Date;
  readonly warnings: readonly string[];
}

/**
 * Runs `status`.
 *
 * @throws ProxmoxMcpError USAGE; for a file that was named and cannot be read; with `output` as
 * `withMetricsFile`.
 */
export async function status(io: Io, invocation: StatusInvocation): Promise<StatusResult> {
  refuseTwoForms(invocation);
  const { output = "-" } = invocation;
  return output === "-"
    ? look(io, invocation)
    : withMetricsFile(io, output, () => look(io, invocation));
}

async function look(io: Io, invocation: StatusInvocation): Promise<StatusResult> {
  const keys = await findKeysIfAny(io, invocation);
  const files: FileStatus[] = [];
  const skipped: Skipped[] = [];
  for (const path of invocation.paths) {
    if (path !== "-" && isDirectory(path)) {
      for (const file of await findConfigFiles(path)) {
        const found = await inDirectory(io, invocation, file, keys);
        if ("reason" in found) skipped.push(found);
        else if (found.secrets.length + found.lookalikes.length > 0) files.push(found);
      }
    } else {
      files.push(await inspect(io, invocation, path, keys));
    }
  }
  const now = io.now();
  const requireBound = isProtectionOn(io.env, "PROXMOX_MCP_REQUIRE_BOUND");
  return {
    command: "status",
    key: keys && {
      from: keys.from,
      id: keys.active.id,
      ids: everyKey(keys.keys).map((key) => key.id),
    },
    files,
    skipped,
    findings: findingsOf(files, { now, maxAge: invocation.maxAge, requireBound }),
    phase: keys && phaseIn(files, keys),
    interrupted: interruptedIn(files),
    check: invocation.check,
    python: invocation.python,
    table: invocation.table,
    metrics: invocation.prometheus && ((invocation.output ?? "-") === "-" ? "printed" : "written"),
    now,
    warnings: keys?.warnings ?? [],
  };
}

function refuseTwoForms({ prometheus, output, json, table, python }: StatusInvocation): void {
  const [other] = [json && "--json", table && "--table", python && "--python"].filter(Boolean);
  if (prometheus && other !== undefined) {
    throw new ProxmoxMcpError("USAGE", `--prometheus excludes ${other}`, {
      hint: "run status once for each form",
    });
  }
  if (!prometheus && output !== undefined) {
    throw new ProxmoxMcpError("USAGE", "--output needs --prometheus", {
      hint: "send the other forms to a file by your shell",
    });
  }
}

// Tokens that all stay shut are on another key, or damaged: these keys are not those of the files.
function phaseIn(files: readonly FileStatus[], { keys }: Keys): Phase | undefined {
  const fields = files.flatMap(({ secrets }) => secrets);
  const opened = fields.flatMap((field) => (field.opened === undefined ? [] : [field.opened]));
  const isShut = opened.length === 0 && fields.some(({ problem }) => problem !== undefined);
  return isShut ? undefined : phaseOf(keys, new Set(opened.map(({ keyId }) => keyId)));
}

function interruptedIn(files: readonly FileStatus[]): readonly string[] {
  const paths = files.map(({ file }) => file).filter((file) => file !== "-");
  return [...new Set(paths.map((path) => dirname(resolveTarget(path))))].filter(hasRecord);
}

async function inspect(
  io: Io,
  invocation: StatusInvocation,
  path: string,
  keys: Keys | undefined,
): Promise<FileStatus> {
  const source = await readInput(io, path);
  // The derivation runs on another thread while the document is parsed.
  keys?.opener.prepare(source.text);
  const { document, file } = await parseInput(io, source, invocation.format);
  const rules = secretRulesFor(document);
  const { secrets, lookalikes } =
    keys === undefined
      ? listSecrets(document, rules)
      : await checkSecrets(document, rules, keys.opener);
  const others =
    file !== undefined && secrets.some(({ state }) => isPlain(state))
      ? opennessOf(file)
      : undefined;
  return {
    file: path,
    format: document.format,
    secrets,
    lookalikes,
    warning: others && `${path} holds plain secrets and is open to ${others}: chmod 600 ${path}`,
  };
}

// A directory holds files of other programs, some of them no strict JSON. One that mentions no
// token is passed by; one that does and cannot be parsed must not pass for a file without secrets.
async function inDirectory(
  io: Io,
  invocation: StatusInvocation,
  path: string,
  keys: Keys | undefined,
): Promise<FileStatus | Skipped> {
  try {
    return await inspect(io, invocation, path, keys);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    if (mentionsToken(path)) throw error;
    return { path, reason: error.message };
  }
}
