/** What a running server cannot take from a new config: where it listens. */
import type { HttpSection, ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Log } from "../log/log.ts";
import type { Deployments } from "../runtime/deployment.ts";

/**
 * Says in the log which settings of a new config need a restart.
 *
 * @param started the config that the server listens by.
 * @returns its end.
 */
export function onPlaceChange(
  { http: started }: ServerConfig,
  deployments: Deployments,
  log: Log,
): () => void {
  return deployments.onReplaced(({ config: { http } }) => {
    const settings = PLACE.filter((name) => placeOf(http, name) !== placeOf(started, name));
    if (settings.length === 0) return;
    log("warn", "the server listens where it did: restart it to take these settings", {
      settings: settings.map((name) => `http.${name}`),
    });
  });
}

const PLACE = ["enabled", "host", "port", "path", "tls"] as const;

function placeOf(http: HttpSection, name: (typeof PLACE)[number]): unknown {
  // Another certificate is taken while the server runs; none, or a first one, is not.
  return name === "tls" ? http.tls !== undefined : http[name];
}
