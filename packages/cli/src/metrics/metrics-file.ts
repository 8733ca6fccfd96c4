/** The file of metrics that a textfile collector reads, replaced by every run of `status`. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { createFile, pathExists, readTextFile } from "@proxmox-mcp/crypto/files";
import type { StatusResult } from "../commands/status.ts";
import type { Io } from "../io.ts";
import { failedStatusMetrics, METRICS_START, statusMetrics } from "./status-metrics.ts";

// The collector runs as another user, and nothing in it is secret.
const MODE = 0o644;

/**
 * Runs `status` and replaces a file by its metrics, wholly or not at all. Where the run fails, the file
 * says so and nothing else: what an earlier run found must not pass for the state of today.
 *
 * @throws ProxmoxMcpError OUTPUT_EXISTS for a file that holds no metrics of ours; as `createFile`; and
 * what the work throws.
 */
export async function withMetricsFile(
  io: Io,
  path: string,
  work: () => Promise<StatusResult>,
): Promise<StatusResult> {
  refuseOtherFile(path);
  const write = (data: string) =>
    createFile({
      path,
      data,
      mode: MODE,
      replaceExisting: true,
      operation: "status",
      signal: io.signal,
    });
  let result: StatusResult;
  try {
    result = await work();
  } catch (error) {
    // That the file could not be written either is told by the age of what it holds.
    await write(failedStatusMetrics(io.now())).catch(() => undefined);
    throw error;
  }
  await write(statusMetrics(result));
  return result;
}

// A path in the wrong place must cost nobody a config or a key.
function refuseOtherFile(path: string): void {
  if (!pathExists(path) || readStart(path).startsWith(METRICS_START)) return;
  throw new ProxmoxMcpError(
    "OUTPUT_EXISTS",
    `${path} exists already and holds no metrics of this command; nothing was written`,
    { where: { file: path }, hint: "name another file" },
  );
}

function readStart(path: string): string {
  try {
    return readTextFile(path).text;
  } catch (error) {
    const isOther = error instanceof ProxmoxMcpError && error.code === "FILE_NOT_TEXT";
    if (isOther) return "";
    throw error;
  }
}
