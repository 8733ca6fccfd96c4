/** The parts of a GitLab file that ours has. Any other key is refused. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** When a job runs: if all went well that it needs, or however they went. */
export type When = "on_success" | "always";

/** A job, with all that it takes from others. */
export interface Job {
  readonly image?: string;
  readonly stage?: string;
  readonly resource_group?: string;
  readonly interruptible?: boolean;
  readonly timeout?: string;
  readonly variables?: Readonly<Record<string, string | number>>;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly after_script?: readonly string[];
  readonly rules?: readonly { readonly if: string; readonly when?: When }[];
  readonly needs?: readonly string[];
  /** Those whose variables a job gets that needs none. */
  readonly dependencies?: readonly string[];
  readonly artifacts?: {
    readonly reports?: { readonly dotenv?: string };
  };
  readonly extends?: string;
}

const JOB =
  "image stage resource_group interruptible timeout variables before_script script after_script rules needs dependencies artifacts extends";

/** The jobs of a file, by their names, those of the last stage behind the others. @throws Error for a key that the interpreter does not know. */
export function readPipeline(path: string): Readonly<Record<string, Job>> {
  const jobs = parse(readFileSync(path, "utf8")) as Record<string, Job>;
  const whole = (name: string): Job => {
    const job = jobs[name];
    if (job === undefined) throw new Error(`${path}: there is no ${name}`);
    const unknown = Object.keys(job).filter((key) => !JOB.split(" ").includes(key));
    if (unknown.length > 0) throw new Error(`${path}: ${name}: unknown key ${unknown.join(", ")}`);
    if (job.extends === undefined) return job;
    const base = whole(job.extends);
    // Maps are merged, lists are replaced.
    return { ...base, ...job, variables: { ...base.variables, ...job.variables } };
  };
  const names = Object.keys(jobs).filter((name) => !name.startsWith("."));
  const every = names.map((name) => [name, whole(name)] as const);
  const isLast = ([, { stage }]: (typeof every)[number]) => stage === ".post";
  const found = Object.fromEntries([
    ...every.filter((job) => !isLast(job)),
    ...every.filter(isLast),
  ]);
  for (const [name, { resource_group: group, timeout, stage, needs }] of Object.entries(found)) {
    if (stage === ".post" && needs !== undefined)
      throw new Error(`${path}: ${name} does not wait for all others`);
    if (group === undefined || timeout === undefined)
      throw new Error(`${path}: ${name} lacks a resource group or a timeout`);
  }
  return found;
}
