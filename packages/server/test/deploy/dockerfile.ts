/** Reading a Dockerfile: its stages and their instructions, as the builder would see them. */

/** One instruction, its continued lines joined, variables of the global ARGs filled in. */
export interface Instruction {
  readonly name: string;
  /** Without `--name=value` flags. */
  readonly text: string;
  readonly flags: Readonly<Record<string, string>>;
  /** The list of an exec form. */
  readonly argv?: readonly string[];
}

export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** Takes a Dockerfile apart. Only what ours uses is understood; anything else throws. */
export function readDockerfile(text: string): readonly Stage[] {
  const variables = new Map<string, string>();
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of logicalLines(text)) {
    const filled = line.replace(/\$\{(\w+)\}/g, (_, name: string) => known(variables, name));
    const instruction = readInstruction(filled);
    const stage = stages.at(-1);
    if (instruction.name === "FROM") {
      const [, from = "", name = ""] = /^(\S+) AS (\S+)$/.exec(instruction.text) ?? [];
      stages.push({ name, from, instructions: [] });
    } else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === "ARG") {
      const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(instruction.text) ?? [];
      variables.set(name, value);
    } else throw new Error(`not before FROM: ${line}`);
  }
  return stages;
}

/** The instructions of a stage, after those of the stages that it begins with. */
export function instructionsOf(stages: readonly Stage[], name: string): readonly Instruction[] {
  const stage = stages.find((each) => each.name === name);
  if (stage === undefined) return [];
  return [...instructionsOf(stages, stage.from), ...stage.instructions];
}

/** The last instruction of a name, which is the one that counts. */
export function lastOf(instructions: readonly Instruction[], name: string): Instruction {
  const found = instructions.findLast((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function logicalLines(text: string): readonly string[] {
  const uncommented = text.split("\n").filter((line) => !/^\s*#/.test(line));
  const joined = uncommented.join("\n").replace(/\\\n\s*/g, "");
  return joined.split("\n").filter((line) => line.trim() !== "");
}

function readInstruction(line: string): Instruction {
  const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
  if (name === "") throw new Error(`no instruction: ${line}`);
  const [, flagged = "", text = ""] = /^((?:--\S+ +)*)(.*)$/.exec(rest) ?? [];
  const flags = [...flagged.matchAll(/--([a-z-]+)=(\S+)/g)].map(
    ([, flag = "", value = ""]) => [flag, value] as const,
  );
  const exec = /^(?:CMD )?(\[.*\])$/.exec(text)?.[1];
  return {
    name,
    text,
    flags: Object.fromEntries(flags),
    ...(exec !== undefined && { argv: JSON.parse(exec) as string[] }),
  };
}

function known(variables: ReadonlyMap<string, string>, name: string): string {
  const value = variables.get(name);
  if (value === undefined) throw new Error(`${name} is no ARG before the first FROM`);
  return value;
}
