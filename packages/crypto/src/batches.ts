/** Many small tasks that wait for key derivations. */

// Far more than there are threads to derive keys, and few enough that what waits takes little memory.
const BATCH = 64;

/**
 * Does something with every item, a batch at a time, all of a batch at once.
 *
 * @returns the results in the order of the items. Where one fails the rest of its batch goes on
 * unheard, and no other batch is begun.
 */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    results.push(...(await Promise.all(items.slice(start, start + BATCH).map(work))));
  }
  return results;
}
