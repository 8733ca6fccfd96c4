// The unit of all that a key costs.
import { pbkdf2Sync } from "node:crypto";
import { milliseconds } from "./measure.mjs";

const ITERATIONS = 100_000;

/** Milliseconds of one derivation, on one thread of this process. */
export function measureDerivation() {
  return milliseconds(() =>
    pbkdf2Sync("an example, not a key", "and its salt", ITERATIONS, 32, "sha256"),
  );
}
