/** What a builder gets of a checkout, as docker-compose 1.29 reads .dockerignore. */
import { spawnSync } from "node:child_process";
import { expect } from "vitest";

/** Debian's own, which docker-compose comes with. */
export const PYTHON = "/usr/bin/python3";

const PROGRAM = `
import sys
from docker.utils.build import exclude_paths
ignore = open(sys.argv[2]).read().splitlines()
patterns = [line for line in ignore if line and not line.startswith("#")]
print("\\n".join(sorted(exclude_paths(sys.argv[1], patterns))))
`;

/** The paths that are sent of a directory. @param ignore the .dockerignore; default: its own. */
export function contextOf(root: string, ignore = `${root}.dockerignore`): readonly string[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", PROGRAM, root, ignore], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout.split("\n").slice(0, -1);
}
