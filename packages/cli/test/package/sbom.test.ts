/** The bills of materials of the bundled packages: valid, complete, and the same for the same build. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { ROOT } from "./tarballs.ts";

const require = createRequire(import.meta.url);

interface Component {
  readonly type: string;
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly [{ readonly license: { readonly id: string } }];
}

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The schema of CycloneDX 1.6 with those that it refers to. */
function compileSchema() {
  const manifest = require.resolve("@cyclonedx/cyclonedx-library/package.json");
  const read = (name: string) =>
    JSON.parse(readFileSync(join(dirname(manifest), "res/schema", name), "utf8"));
  // Formats are not part of what is asked: those that it has are of addresses.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]) {
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}`);
  }
  return ajv.compile(read("bom-1.6.SNAPSHOT.schema.json"));
}

const validate = compileSchema();

describe.each(["cli", "server"])("of %s", (name) => {
  const dist = join(ROOT, "packages", name, "dist");
  const text = readFileSync(join(dist, "sbom.cdx.json"), "utf8");
  const bill: Bill = JSON.parse(text);
  const ids = bill.components.map(({ group, name, version, licenses: [{ license }] }) => {
    const full = group === undefined ? name : `${group}/${name}`;
    return `${full} ${version} (${license.id})`;
  });

  test("is CycloneDX 1.6", () => {
    expect(validate(bill), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...bill, components: [{ name: "no type" }] })).toBe(false);
  });

  test("lists our library, and every package whose licence is handed on", () => {
    const notice = readFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), "utf8");
    const noticed = [...notice.matchAll(/^-{72}\n\n(.+ \(.+\))$/gm)].map(([, head]) => head);
    const own = ids.filter((id) => id.startsWith("@proxmox-mcp/"));
    expect(own).toEqual([expect.stringMatching(/^@proxmox-mcp\/crypto \d+\.\d+\.\d+.* \(MIT\)$/)]);
    expect(ids.filter((id) => !own.includes(id)).sort()).toEqual(noticed.sort());
    expect(noticed.length).toBeGreaterThan(20);
  });

  test("has of each of them a URL of its own, and the hash that the lock file has", () => {
    const lock = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8");
    const refs = bill.components.map((component) => component["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    for (const { group, name, version, purl, hashes = [] } of bill.components) {
      const full = group === undefined ? name : `${group}/${name}`;
      expect(decodeURIComponent(purl)).toBe(`pkg:npm/${full}@${version}`);
      if (group === "@proxmox-mcp") continue;
      const [hash, ...others] = hashes;
      expect(others).toEqual([]);
      const digest = Buffer.from(hash?.content ?? "", "hex").toString("base64");
      const key = group === undefined ? `${full}@${version}` : `'${full}@${version}'`;
      expect(lock).toContain(`\n  ${key}:\n    resolution: {integrity: sha512-${digest}}\n`);
    }
  });

  test("says which of them uses which, so that all are reached from the package", () => {
    const uses = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const reach = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const next of uses.get(ref) ?? []) reach(next);
    };
    const own = bill.metadata.component["bom-ref"];
    expect(own).toMatch(new RegExp(`^pkg:npm/%40proxmox-mcp/${name}@`));
    reach(own);
    expect([...reached].sort()).toEqual(
      [own, ...bill.components.map((component) => component["bom-ref"])].sort(),
    );
    expect(uses.get(own)).toContain(
      bill.components.find(({ group }) => group === "@proxmox-mcp")?.purl,
    );
  });

  test("is told from others by its own digest, and by no clock", () => {
    const { serialNumber, ...rest } = bill;
    const digest = createHash("sha256").update(JSON.stringify(rest)).digest("hex");
    // A UUID has a version and a variant in the place of six of these bits.
    const bare = serialNumber.replace("urn:uuid:", "").replaceAll("-", "");
    expect(bare).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    for (const index of [0, 11, 13, 15, 17, 31]) expect(bare[index]).toBe(digest[index]);
    expect(text).not.toMatch(/timestamp|\d{4}-\d\d-\d\dT/);
  });
});
