/** Where a config's audit log goes: a file of its own beside the config, and never without a key. */
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, Resolution } from "@proxmox-mcp/crypto/config";
import { auditUnfitness } from "./audit-fitness.ts";
import { clashing, statOf } from "./clash.ts";
import { besideConfig } from "./files.ts";
import { withProblem } from "./problem.ts";

const LOCATION = "/audit/file";
// Windows has neither of the two flags. A pipe that took the place of a file would wait for its writer.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

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
  const problem = hasKey ? problemOf(file, others) : withoutKey();
  if (problem === undefined) {
    return { ...resolution, config: { ...resolution.config, audit: { ...audit, file } } };
  }
  return withProblem(resolution, problem.at(locate(LOCATION)));
}

function withoutKey(): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "KEY_MISSING",
    "audit.file wants a master key, and there is none: lines of an audit log are sealed",
    {
      hint:
        "make a key with `proxmox-mcp-encrypt generate-key -o KEY_FILE` and give it with --key-file, " +
        "or leave audit.file out: then records go to standard error, unsealed",
    },
  );
}

function problemOf(file: string, others: readonly string[]): ProxmoxMcpError | undefined {
  const other = clashing(file, others);
  if (other !== undefined) {
    return new ProxmoxMcpError("SCHEMA", `audit.file is ${other}, which is no audit log`, {
      hint: "name a file of its own in audit.file",
    });
  }
  const stat = ownStatOf(file);
  if (stat !== undefined) return auditUnfitness(file, stat) ?? unfitContent(file);
  const directory = dirname(file);
  if (statOf(directory)?.isDirectory() === true) return undefined;
  return new ProxmoxMcpError(
    "FILE_NOT_FOUND",
    `there is no directory ${directory} for the audit log`,
    { hint: `make it: mkdir -m 700 ${directory}` },
  );
}

/** What cannot be opened cannot be judged here: whoever writes to it says so. */
function unfitContent(file: string): ProxmoxMcpError | undefined {
  const descriptor = opened(file);
  if (descriptor === undefined) return undefined;
  try {
    return auditUnfitness(file, fstatSync(descriptor), descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function opened(file: string): number | undefined {
  try {
    return openSync(file, READ);
  } catch {
    return undefined;
  }
}

/** What is at a path itself; `undefined` where it cannot be looked at. */
function ownStatOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}
