// Between a ConfigMap, as kubectl prints it, and files of its entries:
//   node kubernetes-entries.mjs take OBJECT DIRECTORY   writes each entry into a file of its name
//   node kubernetes-entries.mjs give OBJECT DIRECTORY   prints the ConfigMap with these files as its entries
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [wish, object, directory] = process.argv.slice(2);
const { metadata, data = {} } = JSON.parse(readFileSync(object, "utf8"));
// Kubernetes lets no name have a slash in it, or begin with two dots.
const files = Object.entries(data).map(([name, text]) => ({
  name,
  text,
  path: join(directory, name),
}));

if (wish === "take") {
  for (const { path, text } of files) writeFileSync(path, text, { mode: 0o600 });
} else {
  const { name, namespace, resourceVersion } = metadata;
  const texts = files.map(({ name, path }) => [name, readFileSync(path, "utf8")]);
  const given = {
    apiVersion: "v1",
    kind: "ConfigMap",
    // With its version an apply is refused if somebody else changed the ConfigMap meanwhile.
    metadata: { name, namespace, resourceVersion },
    data: Object.fromEntries(texts),
  };
  process.stdout.write(`${JSON.stringify(given)}\n`);
}
