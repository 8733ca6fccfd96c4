// What the commit that is checked out asks for, as lines of GITHUB_OUTPUT:
//   step=propose   there are changesets: someone has to be asked whether they make a version
//   step=publish   there are none, and no tag of the version
//   step=none      the version was published
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commonVersion } from "./release-packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function hasTag(version) {
  const reference = `refs/tags/v${version}`;
  const { status, stderr } = spawnSync("git", ["ls-remote", "--exit-code", "origin", reference], {
    cwd: root,
    encoding: "utf8",
  });
  // 2 says that there is none.
  if (status !== 0 && status !== 2) throw new Error(`the tags cannot be asked for: ${stderr}`);
  return status === 0;
}

const version = commonVersion();
const changesets = readdirSync(`${root}/.changeset`).filter((name) =>
  /(?<!README)\.md$/.test(name),
);
const step = changesets.length > 0 ? "propose" : hasTag(version) ? "none" : "publish";
console.log(`step=${step}\nversion=${version}`);
