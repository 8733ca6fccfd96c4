/** What a config says that says nothing of it. */
import type { ServerConfig } from "./server-config.ts";
import { validate } from "./validator.generated.ts";

/** The sections that a config may leave out. */
type OptionalSections = Pick<ServerConfig, "policy" | "logging" | "http" | "audit">;

/** Those sections with all their defaults, new at each call. */
export function defaultSections(): OptionalSections {
  const tree = { proxmox: { host: "localhost" }, auth: { user: "root@pam" } };
  validate(tree);
  const { policy, logging, http, audit } = tree as unknown as ServerConfig;
  return { policy, logging, http, audit };
}
