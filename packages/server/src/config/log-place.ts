/** Where a config's log goes: beside the config, and never into a file that the config is made of. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, Resolution } from "@proxmox-mcp/crypto/config";
import { clashing, statOf } from "./clash.ts";
import { besideConfig } from "./files.ts";
import { withProblem } from "./problem.ts";

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
  locate: Locate,
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
    where: locate(LOCATION),
    hint: "name a file of its own, or none: everything is logged to standard error anyway",
  });
  return withProblem(resolution, known);
}

function problemOf(
  file: string,
  inputs: readonly string[],
): Pick<ProxmoxMcpError, "code" | "message"> | undefined {
  const input = clashing(file, inputs);
  if (input !== undefined) {
    return { code: "SCHEMA", message: `logging.file is ${input}, which a log would destroy` };
  }
  if (statOf(file)?.isFile() !== false) return undefined;
  return { code: "FILE_NOT_REGULAR", message: `${file} cannot be a log file` };
}
