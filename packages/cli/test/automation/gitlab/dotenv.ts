/** What jobs of GitLab hand on to later ones: a file with a variable on each line. */

/** A file as text. @throws Error for one that GitLab refuses: it is too long, no UTF-8, or names one twice. */
export function taken(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const lines = text.split("\n").slice(0, -1);
  const names = lines.map((line) => /^(\w+)=/.exec(line)?.[1]);
  const isOdd = names.includes(undefined) || new Set(names).size < names.length;
  if (bytes.length >= 5120 || lines.length > 20 || isOdd)
    throw new Error(`GitLab does not take ${text}`);
  return text;
}

/** What several jobs handed on. @throws Error for two values of one name: nobody says which one is taken. */
export function merged(dotenvs: readonly string[]): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const given of dotenvs.map(assignments)) {
    const twice = Object.keys(given).filter((name) => name in all);
    if (twice.length > 0) throw new Error(`two jobs hand on ${twice.join(", ")}`);
    Object.assign(all, given);
  }
  return all;
}

function assignments(text: string): Record<string, string> {
  const lines = text.split("\n").filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
