/** Servers that share one config and one key file, while our own commands rotate the key. */
import { test } from "vitest";
import { rotateUnderLoad } from "./rotated-site.ts";

// Longer: test/extended/rotation-under-load.test.ts.
test.each([
  [2, "nobody waits"],
  [4, "each step is taken before the next"],
] as const)("%i servers under load, and %s: no call fails", (count, pace) =>
  rotateUnderLoad(count, { rotations: 2, pace }),
);
