/** The shell in YAML files: `run:` of GitHub, `script:` and its kin of GitLab. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** One piece of shell. */
export interface ShellBlock {
  /** File, and the path of keys that leads to it. */
  readonly where: string;
  readonly text: string;
}

/** Every `run:` of an action or a workflow. */
export function runBlocks(file: string): readonly ShellBlock[] {
  return stringsAt(parse(readFileSync(file, "utf8")), "run").map(({ path, text }) => ({
    where: `${file}:${path}`,
    text,
  }));
}

/** What each job of a GitLab file runs, with what the jobs that it extends give it: a piece for each shell. */
export function gitlabScripts(file: string): readonly ShellBlock[] {
  const jobs = parse(readFileSync(file, "utf8")) as Readonly<Record<string, GitlabJob>>;
  return Object.entries(jobs).flatMap(([name, job]) => {
    if (job.script === undefined) return [];
    const base = job.extends === undefined ? undefined : jobs[job.extends];
    const before = job.before_script ?? base?.before_script ?? [];
    const after = job.after_script ?? base?.after_script ?? [];
    return [
      { where: `${file}:${name}`, text: [...before, ...job.script].join("\n") },
      { where: `${file}:${name}, after it`, text: after.join("\n") },
    ];
  });
}

interface GitlabJob {
  readonly extends?: string;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly after_script?: readonly string[];
}

function stringsAt(
  value: unknown,
  key: string,
  path: readonly string[] = [],
): readonly { readonly path: string; readonly text: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === key && typeof inner === "string"
      ? [{ path: path.join("."), text: inner }]
      : stringsAt(inner, key, [...path, name]),
  );
}
