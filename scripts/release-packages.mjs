// What is published, in this order: what others need comes first.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NAMES = ["crypto", "cli", "server"];

/** Directory and manifest of each. */
export const packages = NAMES.map((name) => {
  const directory = fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
  return { directory, manifest: JSON.parse(readFileSync(`${directory}/package.json`, "utf8")) };
});

/** The version that all of them have. */
export function commonVersion() {
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  if (versions.size > 1)
    throw new Error(`the packages have several versions: ${[...versions].join(", ")}`);
  return packages[0].manifest.version;
}
