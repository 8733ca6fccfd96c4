// Publishes the tarballs of release-pack.mjs, each unless it was published before, so that a run that broke
// off can be run again:
//   node scripts/release-publish.mjs tarballs
// npm proves who we are by the token of the workflow (trusted publishing): no token is stored.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { commonVersion, packages } from "./release-packages.mjs";

const NEEDED = [11, 5, 1];

function npm(...args) {
  return spawnSync("npm", args, { encoding: "utf8", shell: process.platform === "win32" });
}

function requireTrustedPublishing() {
  const version = npm("--version").stdout.trim();
  const parts = version.split(".").map(Number);
  const at = NEEDED.findIndex((part, index) => parts[index] !== part);
  if (at >= 0 && !(parts[at] > NEEDED[at])) {
    throw new Error(
      `trusted publishing needs npm ${NEEDED.join(".")} or newer, and this is ${version}`,
    );
  }
}

/** The digest of the tarball that the registry has under this name; `undefined` where it has none. */
function publishedDigest(id) {
  const { status, stdout, stderr } = npm("view", id, "dist.integrity", "--json");
  if (status === 0) return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  if (/\bE404\b/.test(stdout + stderr)) return undefined;
  throw new Error(`the registry does not say whether it has ${id}:\n${stderr}`);
}

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("name the directory of the tarballs");
const version = commonVersion();
requireTrustedPublishing();
for (const { manifest } of packages) {
  const id = `${manifest.name}@${version}`;
  const file = resolve(directory, `${manifest.name.slice(1).replace("/", "-")}-${version}.tgz`);
  const digest = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  const published = publishedDigest(id);
  if (published === digest) {
    console.log(`${id} was published before, and is the same.`);
    continue;
  }
  if (published !== undefined) {
    throw new Error(
      `${id} was published before, and is not what was built here: look why before anything else`,
    );
  }
  execFileSync("npm", ["publish", file, "--access", "public", "--provenance"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  console.log(`${id} is published.`);
}
