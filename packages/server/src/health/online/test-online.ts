/** `--test --online`: the offline checks, and after them what Proxmox answers. */
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import type { LoadedConfig } from "../../config/load.ts";
import type { Serving } from "../../config/transport.ts";
import { tlsWarning } from "../../proxmox/client-options.ts";
import type { RenderedReport, Verdict } from "../render.ts";
import { reportOf } from "../report.ts";
import { onlineChecks } from "./checks.ts";
import { examineHost } from "./examine-host.ts";

const ONLINE: Verdict = {
  healthy: "Healthy: the server would start, and Proxmox gives it what it needs.",
  faulty: "The server would start, but Proxmox does not give it what it needs.",
};

/** Asks Proxmox only if the server would start. @returns the report, and its last line. */
export async function testOnline(
  loaded: LoadedConfig,
  how: Serving & { readonly testMode: boolean },
): Promise<{ readonly report: RenderedReport; readonly verdict: Verdict | undefined }> {
  const offline = reportOf(loaded, how);
  const config = loaded.resolution?.config;
  if (offline.exitStatus !== 0 || config === undefined) {
    const checks = [...offline.checks, ...onlineChecks(undefined, undefined)];
    return { report: { ...offline, checks }, verdict: undefined };
  }
  const question = { config, ca: loaded.ca, isThorough: true, testMode: how.testMode };
  const asked = await examineHost(question);
  const checks = onlineChecks(asked.found, tlsWarning(asked.config));
  const [first] = checks.flatMap(({ problems }) => problems);
  const exitStatus = first === undefined ? 0 : EXIT_STATUS[first.code];
  const report = { ...offline, exitStatus, checks: [...offline.checks, ...checks] };
  return { report, verdict: ONLINE };
}
