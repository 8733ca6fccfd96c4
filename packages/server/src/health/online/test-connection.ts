/** `test-connection`: can the host of a config be reached, as whom, and what may that one do. */
import { configPath } from "../../config/config-path.ts";
import { tlsWarning } from "../../proxmox/client-options.ts";
import { loadUsable, type UsableOptions } from "../../runtime/load.ts";
import { type ConnectionReport, reportConnection, reportUnusable } from "./connection-report.ts";
import { examineHost, type HostQuestion } from "./examine-host.ts";

/** In test mode no config is needed. */
export async function testConnection(
  load: UsableOptions,
  how: Pick<HostQuestion, "isThorough" | "testMode">,
): Promise<ConnectionReport> {
  const isUnnamed = how.testMode && configPath(load) === "";
  const loaded = isUnnamed ? undefined : await loadUsable(load);
  if (loaded !== undefined && "problems" in loaded) {
    return reportUnusable(loaded.problems, loaded.exitStatus);
  }
  const { config, found } = await examineHost({ ...how, config: loaded?.config, ca: loaded?.ca });
  return reportConnection(config, found, tlsWarning(config));
}
