/** Publishing what was packed. npm and its registry are a stub. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Copy, copyOfRepository, NAMES, versionOf } from "./repository-copy.ts";

const DIGEST = `crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")`;
// What the registry has of a version is a file with the digest of its tarball.
const NPM = `case "$1" in
--version) echo "\${NPM_VERSION:-11.6.0}" ;;
view)
  [[ -z \${OUTAGE:-} ]] || { echo 'npm error code E503' >&2; exit 1; }
  [[ -f $CALLS.\${2//\\//_} ]] || { echo 'npm error code E404' >&2; exit 1; }
  printf '"%s"\\n' "$(cat "$CALLS.\${2//\\//_}")" ;;
publish)
  [[ $2 != *\${BROKEN:-none}* ]] || exit 1
  printf '%s ' publish "\${2##*/}" "\${@:3}" >>"$CALLS"; echo >>"$CALLS"
  base=\${2##*/}; base=\${base#proxmox-mcp-}; base=\${base%.tgz}
  echo "sha512-$(node -p '${DIGEST}' "$2")" >"$CALLS.@proxmox-mcp_\${base%%-*}@\${base#*-}" ;;
esac`;

function readyToPublish(): Copy & { readonly version: string } {
  const copy = copyOfRepository();
  copy.stub("npm", NPM);
  const version = versionOf(copy);
  mkdirSync(join(copy.root, "tarballs"));
  for (const name of NAMES) {
    copy.write(`tarballs/proxmox-mcp-${name}-${version}.tgz`, `the tarball of ${name}`);
  }
  return { ...copy, version };
}
const publish = (copy: Copy, env: Readonly<Record<string, string>> = {}) =>
  copy.run([process.execPath, "scripts/release-publish.mjs", "tarballs"], env);
const published = (copy: Copy) =>
  copy.calls().flatMap((call) => /^publish proxmox-mcp-(\w+)-/.exec(call)?.[1] ?? []);

test("publishes each once, the library first, with provenance and without a token", () => {
  const copy = readyToPublish();
  const first = publish(copy);
  expect(first.status, first.stderr).toBe(0);
  expect(published(copy)).toEqual(NAMES);
  for (const call of copy.calls().filter(Boolean)) {
    expect(call).toMatch(/\.tgz --access public --provenance $/);
  }
  const second = publish(copy);
  expect(second.status, second.stderr).toBe(0);
  expect(published(copy)).toEqual(NAMES);
});

test("a run that broke off is finished by the next one", () => {
  const copy = readyToPublish();
  expect(publish(copy, { BROKEN: "cli" }).status).not.toBe(0);
  expect(published(copy)).toEqual(["crypto"]);
  expect(publish(copy).status).toBe(0);
  expect(published(copy)).toEqual(NAMES);
});

test("what was published from another build is not published on", () => {
  const copy = readyToPublish();
  expect(publish(copy, { BROKEN: "cli" }).status).not.toBe(0);
  copy.write(`tarballs/proxmox-mcp-crypto-${copy.version}.tgz`, "another build");
  expect(publish(copy).stderr).toContain("is not what was built here");
  expect(published(copy)).toEqual(["crypto"]);
});

test.each([
  [{ OUTAGE: "1" }, "the registry does not say"],
  [{ NPM_VERSION: "11.5.0" }, "trusted publishing needs npm 11.5.1"],
  [{ NPM_VERSION: "10.9.9" }, "trusted publishing needs npm 11.5.1"],
])("nothing is published with %j", (env, words) => {
  const copy = readyToPublish();
  const { status, stderr } = publish(copy, env);
  expect(status).toBe(1);
  expect(stderr).toContain(words);
  expect(published(copy)).toEqual([]);
});
