/** The bare repository that a platform has, and what its maintainers do with it. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A repository. Times are those of the machine. */
export interface Repository {
  readonly path: string;
  /** Writes files, or links, into a new commit of a branch. @returns the commit. */
  commit(
    branch: string,
    files: Readonly<Record<string, string>>,
    message: string,
    mode?: "100644" | "120000",
  ): string;
  /** Merges a branch into `main`. @returns the commit. */
  merge(branch: string, how?: "merge" | "squash"): string;
  /** The commit of each branch, by its name. */
  branches(): Readonly<Record<string, string>>;
  /** The texts of a commit's files, by their paths. */
  files(commit: string): Readonly<Record<string, string>>;
  /** The paths in which a commit differs from what it has in common with `main`. */
  changed(commit: string): readonly string[];
  delete(branch: string): void;
}

/** @param path where it is made, if it is not there. */
export function openRepository(path: string, isNew = true): Repository {
  const git = (argv: readonly string[], input?: string, env: Record<string, string> = {}): string =>
    execFileSync("git", ["-C", path, ...argv], {
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], HOME: path, ...PERSON, ...env },
    }).trimEnd();
  if (isNew) {
    mkdirSync(path, { recursive: true });
    git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    // As the platforms do it.
    git(["config", "uploadpack.allowReachableSHA1InWant", "true"]);
    const hook = join(path, "hooks", "update");
    writeFileSync(
      hook,
      '#!/bin/sh\nif [ "$1" = refs/heads/main ]; then echo "main is protected" >&2; exit 1; fi\n',
    );
    chmodSync(hook, 0o755);
  }
  const head = (branch: string): string => git(["rev-parse", "--verify", `refs/heads/${branch}`]);
  const branches = (): Record<string, string> =>
    Object.fromEntries(
      git(["for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads"])
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" ") as [string, string]),
    );
  return {
    path,
    branches,
    commit(branch, files, message, mode = "100644") {
      const parent = branches()[branch];
      const index = { GIT_INDEX_FILE: join(path, "index.maintainer") };
      git(
        parent === undefined ? ["read-tree", "--empty"] : ["read-tree", parent],
        undefined,
        index,
      );
      for (const [name, text] of Object.entries(files)) {
        const blob = git(["hash-object", "-w", "--stdin"], text);
        git(["update-index", "--add", "--cacheinfo", `${mode},${blob},${name}`], undefined, index);
      }
      const tree = git(["write-tree"], undefined, index);
      const parents = parent === undefined ? [] : ["-p", parent];
      const made = git(["commit-tree", tree, ...parents, "-m", message]);
      git(["update-ref", `refs/heads/${branch}`, made]);
      return made;
    },
    merge(branch, how = "merge") {
      const [main, other] = [head("main"), head(branch)];
      const tree = git(["merge-tree", "--write-tree", main, other]);
      const parents = ["-p", main, ...(how === "merge" ? ["-p", other] : [])];
      const made = git(["commit-tree", tree, ...parents, "-m", `Merge ${branch}`]);
      git(["update-ref", "refs/heads/main", made]);
      return made;
    },
    files: (commit) =>
      Object.fromEntries(
        git(["ls-tree", "-r", "--name-only", "-z", commit])
          .split("\0")
          .filter(Boolean)
          .map((name) => [name, `${git(["cat-file", "blob", `${commit}:${name}`])}\n`]),
      ),
    changed: (commit) =>
      git(["diff", "--name-only", `main...${commit}`])
        .split("\n")
        .filter(Boolean),
    delete: (branch) => {
      git(["update-ref", "-d", `refs/heads/${branch}`]);
    },
  };
}

const PERSON = {
  GIT_AUTHOR_NAME: "Example Maintainer",
  GIT_AUTHOR_EMAIL: "maintainer@example.com",
  GIT_COMMITTER_NAME: "Example Maintainer",
  GIT_COMMITTER_EMAIL: "maintainer@example.com",
};
