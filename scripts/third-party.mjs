// The packages of others that reach our users, in a bundle or as a dependency.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const ALLOWED_LICENCES = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
]);
// These say it in their readme alone.
const UNDECLARED = { "urlsafe-base64@1.0.0": "MIT" };
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"];

/** Reads the package in a directory; throws when its licence or an install script forbids shipping it. */
export async function readPackage(directory) {
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const { name, version, scripts = {} } = manifest;
  const license = manifest.license ?? UNDECLARED[`${name}@${version}`];
  if (!ALLOWED_LICENCES.has(license)) {
    throw new Error(`${name} ${version}: licence ${JSON.stringify(license)} is not on our list`);
  }
  const script = INSTALL_SCRIPTS.find((key) => key in scripts);
  if (script) throw new Error(`${name} ${version} runs a script on ${script}`);
  const files = await readdir(directory);
  const file =
    files.find((entry) => /^licen[cs]e/i.test(entry)) ??
    files.find((entry) => /^readme/i.test(entry));
  if (!file) throw new Error(`${name} ${version} has no licence text`);
  const text = await readFile(join(directory, file), "utf8");
  return { directory, name, version, license, text: text.trim() };
}

/** Every package of node_modules with at least one byte in the outputs of esbuild's metafiles. */
export async function bundledPackages(metafiles) {
  const directories = new Set();
  for (const { inputs } of metafiles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const directory = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (directory && bytesInOutput > 0) directories.add(directory);
    }
  }
  const packages = await Promise.all([...directories].map(readPackage));
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text that the licences ask us to hand on. */
export function notice(packages) {
  const parts = packages.map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`,
  );
  const head = "The bundles in this directory contain the packages below.\n";
  return [head, ...parts].join(`\n${"-".repeat(72)}\n\n`);
}
