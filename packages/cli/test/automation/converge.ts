/** Runs again what was cut, as often as it takes. */
import { isSettled, type Rotation } from "./rotation.ts";

/**
 * Starts runs until nothing is left to do; people merge what they propose, and deploy that.
 *
 * @param firstKeys ids of the keys that were there before.
 */
export async function converge(rotation: Rotation, firstKeys: readonly string[]): Promise<void> {
  for (let runs = 0; runs < 5 && !isSettled(rotation, firstKeys); runs += 1) {
    await rotation.goOn();
    await rotation.advance();
  }
}
