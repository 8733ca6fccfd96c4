/** A config in force and the Proxmox client that serves it. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Certificate } from "../config/certificate.ts";
import type { Api } from "../proxmox/api.ts";

/** A config, and the Proxmox API as the user of that config. */
export interface Deployment {
  readonly config: ServerConfig;
  readonly api: Api;
  /** What clients over HTTP are shown, where the config has `http.tls`. */
  readonly certificate?: Certificate | undefined;
}

/** A deployment with the connections that it holds. */
export interface OpenDeployment extends Deployment {
  close(): Promise<void>;
}

/** A deployment that a call holds, so that it stays open whatever is loaded meanwhile. */
export interface Lease {
  readonly deployment: Deployment;
  /** Gives it back; a second time does nothing. */
  release(): void;
}

/** Where calls get the deployment that is in force as they begin. */
export interface Deployments {
  /** Takes the deployment in force. Every call releases what it acquired. */
  acquire(): Lease;
  /** Calls back whenever another deployment has come into force. @returns a function that ends that. */
  onReplaced(listener: (next: Deployment, before: Deployment) => void): () => void;
}
