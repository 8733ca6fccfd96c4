/** Where a config's log goes: beside the config, and never into a file that the config is made of. */
import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Document, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Resolution } from "@proxmox-mcp/crypto/config";
import { besideConfig, placeOf } from "./files.ts";

const LOCATION = "/logging/file";

/**
 * Makes the path in `logging.file` absolute.
 *
 * @param config the path of the config.
 * @param inputs the files that a config is made of; a log must go to none of them.
 * @returns no config but one problem more where there can be no log file at that path.
 */
export function placeLogFile(
  resolution: Resolution,
  document: Document,
  config: string,
  inputs: readonly string[],
): Resolution {
  const named = resolution.config?.logging.file ?? null;
  if (resolution.config === undefined || named === null) return resolution;
  const file = besideConfig(config, named);
  const problem = problemOf(file, inputs);
  if (problem === undefined) {
    const { logging } = resolution.config;
    return { ...resolution, config: { ...resolution.config, logging: { ...logging, file } } };
  }
  const { code, message } = problem;
  const known = new ProxmoxMcpError(code, message, {
    where: placeOf(document, config, LOCATION),
    hint: "name a file of its own, or none: everything is logged to standard error anyway",
  });
  return { ...resolution, config: undefined, problems: [...resolution.problems, known] };
}

function problemOf(
  file: string,
  inputs: readonly string[],
): Pick<ProxmoxMcpError, "code" | "message"> | undefined {
  const stat = statOf(file);
  const input = inputs.find((path) => resolve(path) === file || isSame(stat, statOf(path)));
  if (input !== undefined) {
    return { code: "SCHEMA", message: `logging.file is ${input}, which a log would destroy` };
  }
  if (stat === undefined || stat.isFile()) return undefined;
  return { code: "FILE_NOT_REGULAR", message: `${file} cannot be a log file` };
}

/** What a path leads to; `undefined` where it cannot be looked at. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}
