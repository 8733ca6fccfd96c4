/** Configs and key texts that Kubernetes swaps beneath a server, while clients call all the time. */
import { randomBytes } from "node:crypto";
import { generateMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { IN_FORCE, swapThrough } from "./mount-swaps.ts";
import { generationKey, type MountedServer, startMounted } from "./mounted-server.ts";

const NOT_TAKEN = "the new config is not taken, the old one stays in force";

// Twenty-five rotations, or a hundred: test/extended/mount-swap.test.ts.
test("rotations, with the config and the key text first in turn: no call fails", () =>
  swapThrough(5));

describe("what must not be in a volume", () => {
  const refusals = ({ serving }: MountedServer) =>
    serving.log().filter(({ msg }) => msg === NOT_TAKEN);

  test("a key text that opens nothing leaves the old config in force, and is told once", async () => {
    const server = await startMounted();
    const { source, keys, serving } = server;
    keys.swap(`${generateMasterKey(randomBytes).reveal()}\n`);
    expect(await serving.logged(NOT_TAKEN)).toMatchObject({ error: { code: "NO_KEY_OPENS" } });
    await server.load.goesOn();
    expect(await server.inForce()).toMatchObject({
      failures: 1,
      lastFailure: "NO_KEY_OPENS",
      activeKey: source.keyId,
      openedWith: [source.keyId],
    });
    // One line for each secret of the config.
    const locations = refusals(server).map(({ error }) => (error as { location: string }).location);
    expect(locations.sort()).toEqual([
      "/auth/token_value",
      "/http/api_keys/generation",
      "/http/api_keys/load",
    ]);
    source.prepare();
    keys.swap(source.keyText);
    await serving.logged(IN_FORCE);
    expect(await server.inForce()).toMatchObject({ failures: 0, activeKey: source.keyId });
    expect(refusals(server)).toHaveLength(3);
    await server.end();
  });

  test.each([
    ["key text", "keys", "KEY_UNREADABLE"],
    ["config", "configs", "FILE_NOT_FOUND"],
  ] as const)(
    "a ..data of the %s that leads nowhere, in the middle of a rotation",
    async (_, volume, code) => {
      const server = await startMounted();
      const { source, configs, keys, serving } = server;
      const old = source.keyId;
      server[volume].cutOff();
      expect(await serving.logged(NOT_TAKEN)).toMatchObject({ error: { code } });
      await server.load.goesOn();
      expect(await server.inForce()).toMatchObject({ failures: 1, activeKey: old });
      expect(refusals(server)).toHaveLength(1);
      source.prepare();
      await source.rotate();
      await source.set("/http/api_keys/generation", generationKey(1));
      // The other volume first: alone it cannot be loaded.
      const swaps = [() => configs.swap(source.config), () => keys.swap(source.keyText)];
      const [first, second] = volume === "keys" ? swaps : swaps.toReversed();
      first?.();
      await serving.logged(NOT_TAKEN);
      expect(await server.inForce()).toMatchObject({
        failures: 2,
        lastFailure: code,
        activeKey: old,
      });
      second?.();
      await serving.logged(IN_FORCE);
      expect(await server.inForce()).toMatchObject({ failures: 0, openedWith: [source.keyId] });
      expect(await server.statusOf(1)).toBe(200);
      await server.end();
    },
  );
});

test("both volumes swapped at once, to a config and a key that share nothing with the old ones", async () => {
  const server = await startMounted();
  const { source, configs, keys } = server;
  const rotations = 4;
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    source.prepare();
    await source.rotate();
    source.retire();
    await source.set("/http/api_keys/generation", generationKey(rotation));
    const swaps = [() => configs.swap(source.config), () => keys.swap(source.keyText)];
    for (const swap of rotation % 2 === 0 ? swaps : swaps.toReversed()) swap();
    // A reload between the two is one that fails, and the next one follows.
    await expect
      .poll(() => server.inForce(), { timeout: 60_000 })
      .toMatchObject({ failures: 0, activeKey: source.keyId, openedWith: [source.keyId] });
    expect(await server.statusOf(rotation)).toBe(200);
  }
  const { taken, refused } = await server.reloads();
  expect(taken).toBe(rotations);
  process.stdout.write(
    `${taken} of them taken, ${refused} reloads refused between the two swaps\n`,
  );
  await server.end();
});
