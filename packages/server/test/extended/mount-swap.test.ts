/**
 * The proof of test/proofs/mount-swap.test.ts for longer: a hundred swaps of `..data` that CI tries, and with
 * `PROXMOX_MCP_ROTATIONS=100` a hundred rotations.
 */
import { test } from "vitest";
import { swapThrough } from "../proofs/mount-swaps.ts";

const rotations = Number(process.env["PROXMOX_MCP_ROTATIONS"] || 25);

test(
  `${rotations} rotations beneath a server under load: no call fails`,
  {
    timeout: 60_000 + rotations * 20_000,
  },
  () => swapThrough(rotations),
);
