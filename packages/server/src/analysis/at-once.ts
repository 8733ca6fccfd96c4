/** Calls side by side, but only so many: a cluster is asked, not flooded. */

// Proxmox answers each from one of a few worker processes, which people wait for too; and a client has
// so many connections that others get one even while some analyses wait for a node that hangs.
const AT_ONCE = 4;

/** @returns what was made of each item, in the order of the items. */
export async function eachAtOnce<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return results;
}
