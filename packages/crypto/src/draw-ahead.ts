/** Random bytes for values that anyone may see. */

const BLOCK = 1024;

/**
 * Draws many bytes at once and gives them out one after the other, each once: a draw costs the same for
 * one byte as for hundreds. Only for what is written down for all to see, such as salts, nonces and IVs:
 * those to come lie in memory, where no bytes of a key to come may be.
 *
 * @param random returns the asked number of bytes from a cryptographically secure source.
 */
export function drawAhead(random: (size: number) => Uint8Array): (size: number) => Uint8Array {
  let block: Uint8Array = new Uint8Array();
  let used = 0;
  return (size) => {
    if (size > BLOCK) return random(size);
    if (used + size > block.length) {
      block = random(BLOCK);
      used = 0;
    }
    // Bytes of its own: whoever gets them may keep or change them.
    const drawn = new Uint8Array(block.subarray(used, used + size));
    used += size;
    return drawn;
  };
}
