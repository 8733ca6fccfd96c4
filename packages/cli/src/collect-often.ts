/** Memory, where there is much of it to take. */

/**
 * Makes garbage be collected as it comes, for work on much text or many files. V8 lets it lie for as
 * long as that pays for a program that goes on running; this one ends soon.
 */
export async function collectOften(): Promise<void> {
  // The flags only decide when garbage is collected, and V8 reads them anew each time it does. A version
  // that may not have them is left alone: it would complain of them on stderr.
  if (!/^v2[0-4]\./.test(process.version)) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=30");
}
