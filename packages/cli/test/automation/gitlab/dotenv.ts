/** What jobs of GitLab hand on to later ones: a file with a variable on each line. */

/** @throws Error for a file that GitLab refuses, since it is too long or no such file. */
export function mustBeTaken(dotenv: string): void {
  const lines = dotenv.split("\n").slice(0, -1);
  if (dotenv.length >= 5120 || lines.length > 20 || !lines.every((line) => /^\w+=/.test(line)))
    throw new Error(`GitLab does not take ${dotenv}`);
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
