/** Playing a Dockerfile without an engine: the last stage's own instructions, in a directory as its root. */
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type Instruction, instructionsOf, lastOf, readDockerfile } from "../deploy/dockerfile.ts";
import { runInRoot } from "./own-root.ts";

export const CHECKOUT: string = fileURLToPath(new URL("../../../../", import.meta.url));

const stages = readDockerfile(readFileSync(`${CHECKOUT}deploy/docker/Dockerfile`, "utf8"));

/** The PATH of the base image, and what an engine makes of the home in its passwd. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const HOME = "/home/node";

/** An image as its Dockerfile makes it. */
export interface Image {
  readonly root: string;
  readonly user: number;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/**
 * Makes an image's file system. What a build stage gives is taken from the checkout, which has been built
 * by the same commands. What comes from another image is left out.
 *
 * @param isPlayed which RUN instructions can be run without the base image and the net.
 */
export function makeImage(name: string, isPlayed = (_: Instruction): boolean => true): Image {
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-image-"));
  chmodSync(root, 0o755);
  const instructions = instructionsOf(stages, name);
  const env: Record<string, string> = { PATH, HOME };
  let directory = "/";
  for (const instruction of instructions) {
    const { text, argv } = instruction;
    if (instruction.name === "WORKDIR") {
      directory = posix.resolve(directory, text);
      mkdirSync(join(root, directory), { recursive: true });
    } else if (instruction.name === "COPY") copy(instruction, root, directory);
    else if (instruction.name === "ENV") Object.assign(env, variableOf(text));
    else if (instruction.name === "RUN" && isPlayed(instruction)) {
      const ran = runInRoot(argv ?? ["/bin/sh", "-c", text], { root, user: 0, env: { PATH } });
      expect(ran.stderr, text).toBe("");
      expect(ran.status, text).toBe(0);
    }
  }
  const argvOf = (wanted: string) =>
    instructions.some((each) => each.name === wanted) ? lastOf(instructions, wanted).argv : [];
  return {
    root,
    user: Number.parseInt(lastOf(instructions, "USER").text, 10),
    env,
    entrypoint: argvOf("ENTRYPOINT") ?? [],
    command: argvOf("CMD") ?? [],
    healthcheck: argvOf("HEALTHCHECK") ?? [],
  };
}

export function removeImage({ root }: Image): void {
  rmSync(root, { recursive: true, force: true });
}

function copy({ text, flags }: Instruction, root: string, directory: string): void {
  if (flags["from"] !== "build") return;
  const words = text.split(" ");
  const target = words.at(-1) ?? "";
  for (const source of words.slice(0, -1)) {
    const from = join(CHECKOUT, posix.relative("/src", source));
    const to = join(root, posix.resolve(directory, target));
    // A file goes into a directory that is named with a slash; of a directory the content is copied.
    const place = !lstatSync(from).isDirectory() && /(^|\/)\.?$/.test(target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, place ? join(to, basename(from)) : to, {
      recursive: true,
      preserveTimestamps: true,
    });
  }
}

function variableOf(text: string): Record<string, string> {
  const [, name = "", value = ""] = /^(\w+)=(\S+)$/.exec(text) ?? [];
  expect(name, text).not.toBe("");
  return { [name]: value };
}
