/** Where a config's audit log goes: a file of its own beside the config, and never without a key. */
import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, Resolution } from "@proxmox-mcp/crypto/config";
import { unfitness } from "../audit/fitness.ts";
import { clashing, statOf } from "./clash.ts";
import { besideConfig } from "./files.ts";
import { withProblem } from "./problem.ts";

const LOCATION = "/audit/file";

/** What the place is looked at with. */
export interface AuditPlaceQuestion {
  readonly locate: Locate;
  /** The path of the config. */
  readonly config: string;
  /** The files that a config is made of; records must go to none of them. */
  readonly inputs: readonly string[];
  /** Whether there is a master key. */
  readonly hasKey: boolean;
}

type Problem = Pick<ProxmoxMcpError, "code" | "message" | "hint">;

/**
 * Makes the path in `audit.file` absolute.
 *
 * @returns no config but one problem more where there can be no audit log at that path.
 */
export function placeAuditFile(resolution: Resolution, question: AuditPlaceQuestion): Resolution {
  const { locate, config, inputs, hasKey } = question;
  const named = resolution.config?.audit.file ?? null;
  if (resolution.config === undefined || named === null) return resolution;
  const { audit, logging } = resolution.config;
  const file = besideConfig(config, named);
  const others = logging.file === null ? inputs : [...inputs, logging.file];
  const problem = hasKey ? problemOf(file, others) : WITHOUT_KEY;
  if (problem === undefined) {
    return { ...resolution, config: { ...resolution.config, audit: { ...audit, file } } };
  }
  const { code, message, hint } = problem;
  const where = locate(LOCATION);
  const known = new ProxmoxMcpError(code, message, { where, hint });
  return withProblem(resolution, known);
}

const WITHOUT_KEY: Problem = {
  code: "KEY_MISSING",
  message: "audit.file wants a master key, and there is none: lines of an audit log are sealed",
  hint:
    "make a key with `proxmox-mcp-encrypt generate-key -o KEY_FILE` and give it with --key-file, " +
    "or leave audit.file out: then records go to standard error, unsealed",
};

const OWN_FILE = "name a file of its own in audit.file, which only the server may write to";

function problemOf(file: string, others: readonly string[]): Problem | undefined {
  const other = clashing(file, others);
  if (other !== undefined) {
    return {
      code: "SCHEMA",
      message: `audit.file is ${other}, which is no audit log`,
      hint: OWN_FILE,
    };
  }
  const stat = ownStatOf(file);
  const reason = stat && unfitness(stat);
  if (reason !== undefined) {
    const message = `${file} cannot be an audit log: it ${reason}`;
    return { code: "FILE_NOT_REGULAR", message, hint: OWN_FILE };
  }
  const directory = dirname(file);
  if (statOf(directory)?.isDirectory() === true) return undefined;
  const message = `there is no directory ${directory} for the audit log`;
  return { code: "FILE_NOT_FOUND", message, hint: `make it: mkdir -m 700 ${directory}` };
}

/** What is at a path itself; `undefined` where it cannot be looked at. */
function ownStatOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}
