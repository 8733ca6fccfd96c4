// The unit of all that a key costs.
import { pbkdf2Sync } from "node:crypto";
import { milliseconds } from "./measure.mjs";

const ARGUMENTS = ["an example, not a key", "and its salt", 100_000, 32, "sha256"];

/** Node with one derivation, and nothing else: what a program with a key cannot be faster than. */
export const DERIVATION = {
  args: ["-e", `require("node:crypto").pbkdf2Sync(...${JSON.stringify(ARGUMENTS)})`],
};

/** Milliseconds of one derivation more, on one thread of a process that runs already. */
export function measureDerivation() {
  return milliseconds(() => pbkdf2Sync(...ARGUMENTS));
}
