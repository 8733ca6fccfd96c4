// Checks what an installation brings along: licences and install scripts of the library's dependencies
// (the build checks those in bundles), and a lock file that ties nobody to a download host.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { readPackage } from "./third-party.mjs";

const listing = execFileSync("pnpm", ["licenses", "list", "--prod", "--json"], {
  encoding: "utf8",
});
const directories = Object.values(JSON.parse(listing)).flatMap((group) =>
  group.flatMap(({ paths }) => paths),
);
const packages = await Promise.all(directories.map(readPackage));
for (const { name, version, license } of packages) console.log(`${name} ${version}: ${license}`);

const lock = await readFile(new URL("../pnpm-lock.yaml", import.meta.url), "utf8");
const hosts = lock.match(/^.*(?:tarball:|registry:|resolution:.*:\/\/).*$/gm) ?? [];
if (hosts.length > 0) throw new Error(`pnpm-lock.yaml names a download host:\n${hosts.join("\n")}`);
