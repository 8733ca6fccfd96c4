// Writes the version of packages/cli into what pre-commit reads. Run it after `changeset version`.
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("..", import.meta.url);
const manifest = readFileSync(new URL("packages/cli/package.json", root), "utf8");
const { name, version } = JSON.parse(manifest);
for (const file of [".pre-commit-hooks.yaml", "docs/cli.md"]) {
  const path = new URL(file, root);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/"@proxmox-mcp\/cli@[^"]*"/, `"${name}@${version}"`));
}
