/** Rotations whose results reach a server by its mounted volumes, one swap after the other. */
import { expect } from "vitest";
import { watches } from "../serve/watches.ts";
import type { Held } from "./held.ts";
import { CLIENTS, generationKey, type MountedServer, startMounted } from "./mounted-server.ts";

/** What the log says of a reload that was taken. */
export const IN_FORCE = "the new config is in force";
/** Reloads of each rotation: the next key, the config and the key in turn, the new key alone. */
const RELOADS = 4;
/** Rotations after which the server has run all of its code. */
const WARM = 10;
/** Bytes that the heap may differ by from one moment to another. */
const UNEVEN = 2 * 1024 * 1024;

/**
 * Rotates so many times under load, with the config and the key text first in turn. Asserts that no call
 * failed, that each reload was taken, and that the server holds no more in the end.
 */
export async function swapThrough(rotations: number): Promise<void> {
  const server = await startMounted();
  const { serving } = server;
  const watched = watches(serving);
  const before = await server.held();
  let warm = before;
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    await rotate(server, rotation);
    if (rotation === WARM) warm = await server.held();
  }
  expect(await server.reloads()).toEqual({ taken: RELOADS * rotations, refused: 0 });
  const calls = await server.end();
  const after = await server.held();
  expect(watches(serving)).toBe(watched);
  // Each client may have opened one to the server, and one of the server to the cluster.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2 * CLIENTS);
  if (rotations > WARM) expect(memory(after)).toBeLessThan(memory(warm) + UNEVEN);
  process.stdout.write(
    `${rotations} rotations, ${RELOADS * rotations} swaps, ${calls} calls and none failed; ` +
      `${kib(memory(before))} KiB held before, ${kib(memory(warm))} after ${rotations > WARM ? WARM : 0}, ` +
      `${kib(memory(after))} after all\n`,
  );
}

async function rotate(server: MountedServer, rotation: number): Promise<void> {
  const { source, configs, keys, serving } = server;
  const swapKey = async (): Promise<void> => {
    keys.swap(source.keyText);
    await serving.logged(IN_FORCE);
  };
  const swapConfig = async (): Promise<void> => {
    configs.swap(source.config);
    await serving.logged(IN_FORCE);
  };
  const old = source.keyId;
  source.prepare();
  await swapKey();
  expect(await server.inForce()).toMatchObject({ activeKey: old, openedWith: [old] });

  await source.rotate();
  await source.set("/http/api_keys/generation", generationKey(rotation));
  const next = source.keyId;
  if (rotation % 2 === 1) {
    await swapConfig();
    expect(await server.inForce()).toMatchObject({ activeKey: old, openedWith: [next] });
    expect(await server.statusOf(rotation)).toBe(200);
    await swapKey();
  } else {
    await swapKey();
    expect(await server.inForce()).toMatchObject({ activeKey: next, openedWith: [old] });
    expect(await server.statusOf(rotation - 1)).toBe(200);
    await swapConfig();
  }
  expect(await server.inForce()).toMatchObject({ activeKey: next, openedWith: [next] });

  source.retire();
  await swapKey();
  expect(await server.statusOf(rotation)).toBe(200);
}

function memory({ heap, external }: Held): number {
  return heap + external;
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}
