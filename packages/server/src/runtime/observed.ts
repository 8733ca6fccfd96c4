/** Hearing how calls to a host end. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import type { OpenDeployment } from "./deployment.ts";

/** The same deployment; each call to its host is told of once it has ended, after its retries. */
export function observed(
  deployment: OpenDeployment,
  called: (outcome: "ok" | ErrorCode) => void,
): OpenDeployment {
  const { config, api } = deployment;
  return {
    config,
    certificate: deployment.certificate,
    api: {
      async call(endpoint, request) {
        try {
          const data = await api.call(endpoint, request);
          called("ok");
          return data;
        } catch (error) {
          called(asKnownError(error).code);
          throw error;
        }
      },
    },
    close: () => deployment.close(),
  };
}
