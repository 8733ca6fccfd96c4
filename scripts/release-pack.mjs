// Packs what is published into a directory, after a build:
//   node scripts/release-pack.mjs tarballs          or only some:  tarballs cli server
// npm packs, because it keeps the modes of scripts; the same files give the same bytes.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { packages } from "./release-packages.mjs";

const [target, ...names] = process.argv.slice(2);
if (target === undefined) throw new Error("name a directory for the tarballs");
const destination = resolve(target);
mkdirSync(destination, { recursive: true });
for (const { directory } of packages) {
  if (names.length > 0 && !names.includes(basename(directory))) continue;
  const output = execFileSync("npm", ["pack", "--json", "--pack-destination", destination], {
    cwd: directory,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ filename, entryCount, size, unpackedSize }] = JSON.parse(output);
  console.log(`${filename}: ${entryCount} files, ${size} bytes, ${unpackedSize} unpacked`);
}
