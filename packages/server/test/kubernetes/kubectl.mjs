#!/usr/bin/env node
// Stands for kubectl and the cluster behind it: objects are files in KUBECTL_STATE. It knows the calls that
// our scripts and pages make, in their order of options, and refuses any other.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const state = process.env["KUBECTL_STATE"] ?? "";
const words = process.argv.slice(2);
const calls = [
  [/^create secret generic (\S+) --namespace proxmox-mcp --from-file=(\S+)=(\S+)$/, createSecret],
  [/^create configmap (\S+) --namespace proxmox-mcp --from-file=(\S+)$/, createConfigMap],
  [/^apply -[fk] \S+$/, () => ""],
  [/^apply --server-side --force-conflicts --field-manager proxmox-mcp --filename -$/, apply],
  [/^get secret (\S+) --ignore-not-found --output go-template=/, secretOf],
  [/^get configmap (\S+) --output json$/, (_, name) => JSON.stringify(read("ConfigMap", name))],
  [/^get pods --selector \S+ --field-selector \S+ --output go-template=/, podsOf],
];

for (const [pattern, answer] of calls) {
  const found = pattern.exec(words.join(" "));
  if (found === null) continue;
  process.stdout.write(answer(...found));
  process.exit();
}
refuse(`not understood: ${words.join(" ")}`);

function createSecret(_, name, entry, path) {
  create("Secret", name, { [entry]: readFileSync(path).toString("base64") });
  return `secret/${name} created\n`;
}

function createConfigMap(_, name, path) {
  create("ConfigMap", name, { [basename(path)]: readFileSync(path, "utf8") });
  return `configmap/${name} created\n`;
}

function create(kind, name, data) {
  if (read(kind, name) !== undefined) refuse(`${kind} "${name}" already exists`);
  write({ apiVersion: "v1", kind, metadata: { name, namespace: "proxmox-mcp" }, data }, 0);
}

/** A version in the manifest is a condition, and entries that it does not name stay. */
function apply() {
  const { metadata, data, ...given } = JSON.parse(readFileSync(0, "utf8"));
  const present = read(given.kind, metadata.name);
  const version = present?.metadata.resourceVersion;
  if (metadata.resourceVersion !== version) refuse("Conflict: the object has been modified");
  write(
    {
      ...given,
      metadata: { ...present?.metadata, ...metadata },
      data: { ...present?.data, ...data },
    },
    Number(version ?? 0),
  );
  return `${given.kind}/${metadata.name} serverside-applied\n`;
}

function secretOf(_, name) {
  const { metadata, data = {} } = read("Secret", name) ?? {};
  if (metadata === undefined) return "";
  return [metadata.resourceVersion, data["key"]].filter(Boolean).join(" ");
}

/** The pods that a test wrote down, as the template prints them. */
function podsOf() {
  return readFileSync(join(state, "pods"), "utf8");
}

function read(kind, name) {
  const path = join(state, `${kind}-${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function write(object, version) {
  const metadata = { ...object.metadata, resourceVersion: String(version + 1) };
  const path = join(state, `${object.kind}-${metadata.name}.json`);
  writeFileSync(`${path}.part`, JSON.stringify({ ...object, metadata }));
  renameSync(`${path}.part`, path);
}

function refuse(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
