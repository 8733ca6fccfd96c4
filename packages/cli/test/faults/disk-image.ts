/** A file system in a file, mounted: what of it is on its disk can be copied at any time. Needs root. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { fingerprint } from "./state.ts";

const SIZE = 24 * 1024 * 1024;
// Nothing reaches the disk but what is flushed: no commit by the clock, and no help for those who
// rename a file that was never flushed.
const OPTIONS = "loop,noauto_da_alloc,commit=600,noatime";

/** A place whose tree is the root of a file system of its own. */
export interface ImagePlace extends Place {
  /** Takes what is on the disk now for the disk of a machine that starts again. */
  cutPower(): void;
}

/** Why no image can be mounted here; `undefined` where one can. */
export function findObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs root on Linux";
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-image-"));
  try {
    const image = join(root, "image");
    const tree = join(root, "tree");
    mkdirSync(tree);
    const failed = format(image) ?? mount(image, tree);
    if (failed === undefined) execFileSync("umount", [tree]);
    return failed;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Moves a place's tree to an ext4 of its own. @param whenFinished of the test's context. */
export function onImage(place: Place, whenFinished: (goAway: () => void) => void): ImagePlace {
  const image = `${place.tree}.image`;
  const { tree } = place;
  const must = (failed: string | undefined) => {
    if (failed !== undefined) throw new Error(failed);
  };
  const unmount = () => execFileSync("umount", [tree]);
  must(format(image) ?? mount(image, tree));
  whenFinished(() => spawnSync("umount", ["--lazy", tree]));
  rmdirSync(join(tree, "lost+found"));
  return {
    ...place,
    async save(name) {
      const path = `${image}.${name}`;
      const saved = { path, fingerprint: fingerprint(tree) };
      unmount();
      copyFileSync(image, path);
      must(mount(image, tree));
      return saved;
    },
    async restore({ path }) {
      unmount();
      copyFileSync(path, image);
      must(mount(image, tree));
    },
    cutPower() {
      const cut = `${image}.cut`;
      copyFileSync(image, cut);
      unmount();
      copyFileSync(cut, image);
      // 1: the journal was played back, or something was mended that a mount would mend, too.
      const { status, stdout } = spawnSync("e2fsck", ["-fp", image], { encoding: "utf8" });
      if (status !== 0 && status !== 1) throw new Error(`e2fsck: ${stdout}`);
      must(mount(image, tree));
    },
  };
}

function format(image: string): string | undefined {
  writeFileSync(image, "");
  truncateSync(image, SIZE);
  return failure("mkfs.ext4", "-q", "-F", image);
}

function mount(image: string, tree: string): string | undefined {
  return failure("mount", "-o", OPTIONS, image, tree);
}

function failure(program: string, ...argv: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, argv, { encoding: "utf8" });
  if (error !== undefined) return `there is no ${program}`;
  return status === 0 ? undefined : `${program}: ${stderr.trim()}`;
}
