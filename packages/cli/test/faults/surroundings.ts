/** Odd places for a tree: a small disk, a mount, files that cannot be changed. Most need root. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place } from "./place.ts";

type WhenFinished = (goAway: () => void) => void;

/** Whether this process may mount. */
export const mayMount: boolean = probe((directory) => {
  execFileSync("mount", ["-t", "tmpfs", "none", directory], { stdio: "ignore" });
  execFileSync("umount", [directory]);
});

/** Whether this process may make files immutable where temporary files are. */
export const mayFreeze: boolean = probe((directory) => {
  execFileSync("chattr", ["+i", directory], { stdio: "ignore" });
  execFileSync("chattr", ["-i", directory]);
});

/** Mounts something on a directory of a place until the test has finished. */
export function mountUntilFinished(whenFinished: WhenFinished, ...argv: readonly string[]): void {
  execFileSync("mount", argv, { stdio: ["ignore", "ignore", "inherit"] });
  whenFinished(() => spawnSync("umount", ["--lazy", argv.at(-1) ?? ""]));
}

/** Makes a place's tree a disk of its own of so many bytes. */
export function onSmallDisk({ tree }: Place, bytes: number, whenFinished: WhenFinished): void {
  mountUntilFinished(whenFinished, "-t", "tmpfs", "-o", `size=${bytes}`, "none", tree);
}

/** Fills a disk to the last byte, but for some room. @returns how to make room again. */
export function fillDisk(tree: string, room: number): () => void {
  const ballast = join(tree, "ballast");
  writeFileSync(ballast, "");
  const page = Buffer.alloc(4096, 1);
  try {
    for (;;) writeFileSync(ballast, page, { flag: "a" });
  } catch {
    // It is full.
  }
  const size = statSync(ballast).size;
  rmSync(ballast);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, size - room), 1));
  return () => rmSync(ballast);
}

/** Sets a file attribute such as `+i` until the test has finished. */
export function setAttribute(attribute: string, path: string, whenFinished: WhenFinished): void {
  execFileSync("chattr", [attribute, path]);
  whenFinished(() => clearAttributes(path));
}

/** Takes file attributes away again. */
export function clearAttributes(path: string): void {
  spawnSync("chattr", ["-i", "-a", path]);
}

/** Gives a whole tree to another user. */
export function giveAway(path: string, uid: number): void {
  chownSync(path, uid, uid);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAway(join(path, name), uid);
}

function probe(attempt: (directory: string) => void): boolean {
  if (process.platform !== "linux") return false;
  const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-probe-"));
  try {
    mkdirSync(join(directory, "inner"));
    attempt(join(directory, "inner"));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The beginning of the names of tests that lack something here; empty where it is there. */
export function missing(isThere: boolean, needs: string): string {
  if (isThere) return "";
  const what = `FAULT SUITE NOT RUN: it needs ${needs}: `;
  process.stdout.write(`${what}part of the surroundings\n`);
  return what;
}
