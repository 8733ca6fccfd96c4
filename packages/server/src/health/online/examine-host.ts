/** Examining the host of a config, or the simulated cluster in its place. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { startSimulatedHost } from "../../runtime/simulated.ts";
import { type Examination, examine } from "./examine.ts";

export interface HostQuestion {
  /** `undefined` asks the simulated cluster as its own example user. */
  readonly config: ServerConfig | undefined;
  readonly ca: string | undefined;
  /** Ask for rights and inventory too. */
  readonly isThorough: boolean;
  /** Put the simulated cluster in the place of the host. */
  readonly testMode: boolean;
}

/** What was found, and the config that it was asked with. */
export interface HostAnswer {
  readonly config: ServerConfig;
  readonly found: Examination;
}

const now = (): number => performance.now();

export async function examineHost({
  config,
  ca,
  isThorough,
  testMode,
}: HostQuestion): Promise<HostAnswer> {
  if (config !== undefined && !testMode) {
    return { config, found: await examine({ config, ca, isThorough, now }) };
  }
  const simulated = await startSimulatedHost();
  try {
    const placed = simulated.place(config);
    return { config: placed, found: await examine({ config: placed, ca, isThorough, now }) };
  } finally {
    await simulated.stop();
  }
}
