/** A client from npm, which starts the built server itself and reads an encrypted config's cluster. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Client, ClientOptions } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Sealer } from "@proxmox-mcp/crypto";
import { onTestFinished } from "vitest";
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../../src/simulator/simulator.ts";
import { clientOf } from "../mcp/client.ts";
import type { Era } from "../mcp/session.ts";
import { KEY, sealer } from "../run-server.ts";

export const BINARY: string = fileURLToPath(
  new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url),
);

/** Starts a simulated cluster that ends with the test. */
export async function startCluster(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** A config for a simulated cluster, with its token sealed. */
export async function encryptedConfig(
  { host, port, fingerprint, user, tokenName, tokenValue }: Simulator,
  sections: { readonly [section: string]: unknown } = {},
  seal: Sealer = sealer,
): Promise<string> {
  const token_value = await seal.seal(tokenValue, "/auth/token_value");
  return JSON.stringify({
    proxmox: { host, port, fingerprint, retry_attempts: 0 },
    auth: { user, token_name: tokenName, token_value },
    ...sections,
  });
}

export interface Connected {
  readonly client: Client;
  /** Everything on stderr so far. */
  readonly stderr: () => string;
  /** Settles once stderr holds this text so many times. Default: once. */
  logged(text: string, times?: number): Promise<void>;
}

/** Writes the config, starts the server on it and greets it. Both end with the test. */
export async function connect(
  era: Era,
  { cwd, config, options }: { cwd: string; config: string; options?: ClientOptions },
): Promise<Connected> {
  writeFileSync(join(cwd, "config.json"), config, { mode: 0o600 });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BINARY, "config.json"],
    cwd,
    env: { HOME: cwd, PROXMOX_MCP_MASTER_KEY: KEY },
    stderr: "pipe",
  });
  let stderr = "";
  const waiting = new Set<() => void>();
  (transport.stderr as Readable).setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    for (const look of waiting) look();
  });
  const client = clientOf(era, options);
  onTestFinished(() => client.close());
  await client.connect(transport);
  return {
    client,
    stderr: () => stderr,
    logged: (text, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (stderr.split(text).length <= times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
