/** Asking the host of a config what it answers to a server that has this config. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { toolsOfAnybody } from "../../policy/policy.ts";
import { type Client, openClient } from "../../proxmox/client.ts";
import { clientOptionsOf } from "../../proxmox/client-options.ts";
import { permissions } from "../../proxmox/permissions.ts";
import type { TlsMode } from "../../proxmox/tls.ts";
import { type Version, version } from "../../proxmox/version.ts";
import { TOOLS } from "../../tools/index.ts";
import { type Inventory, takeInventory } from "./inventory.ts";
import { meetPeer, type Peer } from "./peer.ts";
import { type Rights, rightsOf } from "./rights.ts";

/** What there is to say, part by part. What was not reached or not asked is `undefined`. */
export interface Examination {
  /** `host:port`. */
  readonly asked: string;
  /** `user@realm` or `user@realm!token`. */
  readonly identity: string;
  readonly tlsMode: TlsMode;
  /** Who is there, trusted or not. */
  readonly peer: Peer | undefined;
  /** Why there is no connection, or none that may be used. */
  readonly obstacle: ProxmoxMcpError | undefined;
  readonly version: Answered | ProxmoxMcpError | undefined;
  readonly rights: Rights | ProxmoxMcpError | undefined;
  readonly inventory: Inventory | ProxmoxMcpError | undefined;
}

/** The answer to `GET /version`, which takes valid credentials and no privilege. */
export interface Answered extends Version {
  /** Milliseconds, with the connection that was made for it. */
  readonly responseTime: number;
}

/**
 * Asks once, without a second try.
 *
 * @param of.ca PEM certificates of `proxmox.ca_file`.
 * @param of.isThorough asks beyond the version: for rights and inventory.
 * @param of.now milliseconds of a clock that never goes back.
 */
export async function examine(of: {
  readonly config: ServerConfig;
  readonly ca: string | undefined;
  readonly isThorough: boolean;
  readonly now: () => number;
}): Promise<Examination> {
  const { config, ca = "", isThorough, now } = of;
  const client = openClient({
    ...clientOptionsOf(config, () => ca),
    retry: { attempts: 0, delay: 0 },
  });
  try {
    const { asked, identity, tlsMode } = client;
    const about = { asked, identity, tlsMode };
    const nothing = { version: undefined, rights: undefined, inventory: undefined };
    const peer = await outcome(() => meetPeer(config.proxmox, config.proxmox.timeout));
    if (peer instanceof ProxmoxMcpError) {
      return { ...about, ...nothing, peer: undefined, obstacle: peer };
    }
    const answered = await outcome(() => askVersion(client, now));
    if (answered instanceof ProxmoxMcpError && answered.code === "PROXMOX_TLS") {
      return { ...about, ...nothing, peer, obstacle: distrusted(answered, peer) };
    }
    const met = { ...about, peer, obstacle: undefined, version: answered };
    if (answered instanceof ProxmoxMcpError || !isThorough) {
      return { ...met, rights: undefined, inventory: undefined };
    }
    const rights = await outcome(() => askRights(client, config, answered));
    return { ...met, rights, inventory: await outcome(() => takeInventory(client)) };
  } finally {
    await client.destroy();
  }
}

async function askVersion(client: Client, now: () => number): Promise<Answered> {
  const start = now();
  const answer = await version(client);
  return { ...answer, responseTime: now() - start };
}

async function askRights(
  client: Client,
  config: ServerConfig,
  { version: release }: Version,
): Promise<Rights> {
  const { user, token_name: tokenName } = config.auth;
  const granted = await permissions(client);
  const tools = toolsOfAnybody(TOOLS, config);
  return rightsOf(tools, { granted, grantee: { user, tokenName }, release });
}

/** Adds what a person needs to decide whether this is the host that is meant. */
function distrusted(error: ProxmoxMcpError, { certificate }: Peer): ProxmoxMcpError {
  const { code, message, hint, cause } = error;
  const { fingerprint } = certificate;
  if (message.includes(fingerprint)) return error;
  const shown = `its SHA-256 fingerprint is ${fingerprint}: compare it with the one that the web interface shows for the node, under System > Certificates`;
  return new ProxmoxMcpError(code, message, {
    hint: hint === undefined ? shown : `${hint}; ${shown}`,
    cause,
  });
}

async function outcome<Value>(act: () => Promise<Value>): Promise<Value | ProxmoxMcpError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error;
    throw error;
  }
}
