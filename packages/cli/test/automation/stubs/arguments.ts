/** Reads the arguments of a stub program: only what is known is understood. */

/** What a command line says. */
export interface Given {
  readonly words: readonly string[];
  /** The last value of each option; an option without a value has an empty one. */
  readonly options: Readonly<Record<string, string>>;
  /** Every value of each option. */
  readonly all: Readonly<Record<string, readonly string[]>>;
}

/**
 * @param withValue names of options that are followed by a value.
 * @param alone names of those that are not.
 * @throws Error for any other option.
 */
export function readArguments(
  argv: readonly string[],
  withValue: readonly string[],
  alone: readonly string[] = [],
): Given {
  const words: string[] = [];
  const all: Record<string, string[]> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    const [name = "", ...rest] = word.split("=");
    const value = rest.length > 0 ? rest.join("=") : withValue.includes(name) ? argv[++at] : "";
    if (value === undefined || !(withValue.includes(name) || alone.includes(name)))
      throw new Error(`nobody knows the option ${word}`);
    all[name] = [...(all[name] ?? []), value];
  }
  const options = Object.fromEntries(
    Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? ""]),
  );
  return { words, options, all };
}
