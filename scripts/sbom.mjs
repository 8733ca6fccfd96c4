// The bill of materials of a bundled package, in CycloneDX 1.6: what of others is in its files, and which of
// them uses which. The same build gives the same text: it holds no time, and its serial number is a digest.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { version as bundler } from "esbuild";

const LOCK_FILE = fileURLToPath(new URL("../pnpm-lock.yaml", import.meta.url));
const INSTALLED = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Which package a file of esbuild's metafile is of, by its directory; "" for the package that is bundled. */
function ownerOf(path) {
  const [installed] = INSTALLED.exec(path) ?? [];
  if (installed) return installed;
  // Packages of this repository are linked, and esbuild tells where they really are.
  const [neighbour] = /^\.\.\/[^/]+/.exec(path) ?? [];
  return neighbour ?? "";
}

/** Which packages have at least a byte in the outputs, by directory, and the directories that each uses. */
function bundledImports(metafiles) {
  const bundled = new Set([""]);
  const imports = new Map();
  for (const { inputs, outputs } of metafiles) {
    for (const { inputs: parts } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(parts)) {
        if (bytesInOutput > 0) bundled.add(ownerOf(path));
      }
    }
    for (const [path, { imports: targets }] of Object.entries(inputs)) {
      const owner = ownerOf(path);
      const known = imports.get(owner) ?? new Set();
      imports.set(owner, known);
      for (const target of targets) if (!target.external) known.add(ownerOf(target.path));
    }
  }
  /** What a package uses, through packages that only hand on what they import and left no byte. */
  const usedBy = (directory, seen = new Set([directory, ""])) => {
    const found = [];
    for (const target of imports.get(directory) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      if (bundled.has(target)) found.push(target);
      else found.push(...usedBy(target, seen));
    }
    return found;
  };
  return new Map([...bundled].map((directory) => [directory, usedBy(directory)]));
}

/** The digests of tarballs, by `name@version`, as the lock file has them. */
async function tarballDigests() {
  const lock = await readFile(LOCK_FILE, "utf8");
  const entries = lock.matchAll(
    /^ {2}'?([^\s':]+)'?:\n {4}resolution: \{integrity: sha512-([^}]+)\}/gm,
  );
  return new Map(
    [...entries].map(([, id, digest]) => [id, Buffer.from(digest, "base64").toString("hex")]),
  );
}

async function manifestIn(directory) {
  return JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
}

/** `pkg:npm/NAME@VERSION`, as the specification of package URLs wants it. */
function purlOf({ name, version }) {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function componentOf({ name, version, license, description }, { type, digest }) {
  const [, group, own = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const purl = purlOf({ name, version });
  return {
    type,
    "bom-ref": purl,
    ...(group && { group }),
    name: own,
    version,
    ...(description && { description }),
    ...(digest && { hashes: [{ alg: "SHA-512", content: digest }] }),
    licenses: [{ license: { id: license } }],
    purl,
  };
}

/**
 * The text of the bill.
 *
 * @param metafiles those of every bundle of the package in the working directory.
 * @param packages what `bundledPackages` says of those of others.
 */
export async function billOfMaterials(metafiles, packages) {
  const imports = bundledImports(metafiles);
  const digests = await tarballDigests();
  const licences = new Map(packages.map(({ directory, license }) => [directory, license]));
  const manifests = new Map();
  for (const directory of imports.keys()) {
    const manifest = await manifestIn(resolve(directory));
    manifests.set(directory, { ...manifest, license: licences.get(directory) ?? manifest.license });
  }
  const refOf = (directory) => purlOf(manifests.get(directory));
  const components = [...manifests]
    .filter(([directory]) => directory !== "")
    .map(([, { name, version, license }]) =>
      componentOf(
        { name, version, license },
        { type: "library", digest: digests.get(`${name}@${version}`) },
      ),
    );
  const dependencies = [...imports].map(([directory, imported]) => ({
    ref: refOf(directory),
    dependsOn: imported.map(refOf).sort(),
  }));
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      lifecycles: [{ phase: "build" }],
      tools: { components: [{ type: "application", name: "esbuild", version: bundler }] },
      component: componentOf(manifests.get(""), { type: "application" }),
    },
    components: components.sort(by("bom-ref")),
    dependencies: dependencies.sort(by("ref")),
  };
  return `${JSON.stringify({ ...bill, serialNumber: serialNumberOf(bill) }, null, 2)}\n`;
}

function by(name) {
  return (a, b) => (a[name] < b[name] ? -1 : 1);
}

/** A UUID of version 8, which is free in form: a digest. */
function serialNumberOf(bill) {
  const digest = createHash("sha256").update(JSON.stringify(bill)).digest("hex");
  const variant = ((Number.parseInt(digest[16], 16) & 3) | 8).toString(16);
  const groups = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ];
  return `urn:uuid:${groups.join("-")}`;
}
