import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERAS } from "../mcp/session.ts";
import { connect, encryptedConfig, startCluster } from "../proofs/stdio-client.ts";
import { scratch } from "../scratch.ts";

const COMMANDS = "execute_vm_command";

test.each(ERAS)(
  "%s: a client is told when a reload offers other tools, and only then",
  async (era) => {
    const cluster = await startCluster();
    const cwd = scratch();
    const without = await encryptedConfig(cluster);
    const allowing = (...allow: string[]) =>
      encryptedConfig(cluster, { policy: { exec: { allow } } });
    const lists: (readonly string[] | undefined)[] = [];
    let told = (): void => {};
    const onChanged = (_: unknown, tools: readonly { name: string }[] | null): void => {
      lists.push(tools?.map(({ name }) => name));
      told();
    };
    const options = { listChanged: { tools: { onChanged, debounceMs: 0 } } };
    const { client, logged } = await connect(era, { cwd, config: without, options });
    expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: true });
    const reload = (config: string): void => {
      writeFileSync(join(cwd, "next"), config, { mode: 0o600 });
      renameSync(join(cwd, "next"), join(cwd, "config.json"));
    };
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        told = resolve;
      });

    const on = next();
    reload(await allowing("uptime"));
    await on;
    expect(lists.at(-1)).toContain(COMMANDS);

    // Other commands, the same tools.
    reload(await allowing("uptime", "hostname"));
    await logged("the new config is in force", 2);
    const off = next();
    reload(without);
    await off;
    expect(lists.at(-1)).not.toContain(COMMANDS);
    expect(lists).toHaveLength(2);
  },
);
