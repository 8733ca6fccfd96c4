/** Reading systemd units with their drop-ins, as far as ours go. */

/** Settings by section, each with its values in their order. */
export type Unit = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Reads a unit and then its drop-ins. An empty value forgets those before it. */
export function readUnit(...texts: readonly string[]): Unit {
  const unit = new Map<string, Map<string, string[]>>();
  for (const text of texts) {
    let section = new Map<string, string[]>();
    for (const line of text.split("\n").filter((each) => /^[^#;\s]/.test(each))) {
      const [, header] = /^\[(\w+)\]$/.exec(line) ?? [];
      if (header !== undefined) {
        section = unit.get(header) ?? new Map();
        unit.set(header, section);
        continue;
      }
      const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name === "") throw new Error(`no setting: ${line}`);
      section.set(name, value === "" ? [] : [...(section.get(name) ?? []), value]);
    }
  }
  return unit;
}

/** All values of a setting of the service. */
export function valuesOf(unit: Unit, name: string): readonly string[] {
  return unit.get("Service")?.get(name) ?? [];
}

/** The words of a command. There are neither quotes nor specifiers in ours. */
export function commandOf(unit: Unit, name: string): readonly string[] {
  const [line = ""] = valuesOf(unit, name);
  if (/["'%\\]/.test(line)) throw new Error(`this needs all of systemd's rules: ${line}`);
  return line.split(" ");
}
