/** A program that runs with the command, variables, mounts and user of a container, and without an image. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Cluster } from "./cluster.ts";
import type { Pods } from "./pods.ts";

/** Paths in the container, and the directories that stand for them. */
export type Mounts = Readonly<Record<string, string>>;

export interface Container {
  /** Runs a command in it; its own, if none is named. */
  spawn(argv?: readonly string[]): ChildProcessByStdio<null, Readable, Readable>;
  /** The same, to its end. */
  run(argv?: readonly string[]): Promise<Outcome>;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The one container of a pod. Every path in its command and variables that is below a mount is replaced.
 *
 * @param more variables beside those of the manifest.
 */
export function containerOf(
  { spec }: Pods,
  cluster: Cluster,
  mounts: Mounts,
  more: Readonly<Record<string, string>> = {},
): Container {
  const [container] = spec.containers;
  if (container === undefined || spec.containers.length > 1) throw new Error("not one container");
  const place = (path: string): string =>
    Object.entries(mounts).reduce((place, [at, directory]) => place.replace(at, directory), path);
  const variables = (container.env ?? []).map(({ name, value = "", valueFrom }) => {
    const { secretKeyRef } = valueFrom ?? {};
    if (secretKeyRef === undefined) return [name, place(value)] as const;
    const { name: secret = "", key } = secretKeyRef;
    return [name, cluster.entry("Secret", secret, key)] as const;
  });
  const own = [...(container.command ?? []), ...(container.args ?? [])];
  const start: Container["spawn"] = (argv = own) => {
    const [program = "", ...args] = argv.map(place);
    return spawn(program, args, {
      cwd: "/",
      env: { ...cluster.env, ...Object.fromEntries(variables), ...more },
      stdio: ["ignore", "pipe", "pipe"],
      ...userOf(spec),
    });
  };
  return {
    spawn: start,
    async run(argv) {
      const child = start(argv);
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { status: await ended, stdout, stderr };
    },
  };
}

/** Root can become whom the manifest names, with its group and no other; anybody else stays. */
export function userOf({ securityContext = {} }: Pods["spec"]): { uid?: number; gid?: number } {
  const { runAsUser: uid, runAsGroup: gid } = securityContext;
  return process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? { uid, gid } : {};
}
