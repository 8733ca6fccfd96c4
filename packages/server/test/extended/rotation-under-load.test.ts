/** The proof of test/proofs/rotation-under-load.test.ts for longer; `PROXMOX_MCP_ROTATIONS` says how long. */
import { test } from "vitest";
import { rotateUnderLoad } from "../proofs/rotated-site.ts";

const rotations = Number(process.env["PROXMOX_MCP_ROTATIONS"] || 10);

test.each([2, 4])(
  `%i servers under load, ${rotations} rotations: no call fails`,
  {
    timeout: 60_000 + rotations * 20_000,
  },
  (count) => rotateUnderLoad(count, { rotations, pace: "nobody waits" }),
);
