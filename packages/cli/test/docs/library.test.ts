/** The examples of the library's README, run as they stand. */
import { readFileSync } from "node:fs";
import {
  activeAlone,
  checkSecrets,
  createOpener,
  openDocument,
  type Plan,
  parseKeyText,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { expect, it } from "vitest";
import { BOUND, config, KEY, SECRET } from "../material.ts";
import { documents } from "./documents.ts";
import { fencesOf } from "./fences.ts";

const readme = documents.find(({ name }) => name === "packages/crypto/README.md");
const examples = fencesOf(readFileSync(readme?.path ?? "", "utf8")).map(({ content }) => content);

/** Runs an example, and gives what it made. */
async function run(example: string, text: string, made: string): Promise<Record<string, never>> {
  // A module made of text has no place to look packages up from.
  const code = example.replace(
    /from "(@[^"]+)"/g,
    (_, name: string) => `from ${JSON.stringify(import.meta.resolve(name))}`,
  );
  const given = `const keyText = ${JSON.stringify(KEY)}, text = ${JSON.stringify(text)};`;
  const module = encodeURIComponent(`${given}\n${code}\nexport { ${made} };`);
  return import(/* @vite-ignore */ `data:text/javascript,${module}`);
}

it("seals what the first example says it seals, and rotates it as the second one says", async () => {
  expect(examples).toHaveLength(2);
  const { plan } = await run(examples[0] ?? "", config(), "plan");
  const sealed = plan as Plan | undefined;
  expect(sealed?.text).not.toContain(SECRET);
  expect(sealed?.changed).toMatchObject([{ location: BOUND.location, state: "plain" }]);

  const made = await run(examples[1] ?? "", sealed?.text ?? "", "plan, newKeyText");
  const rotated = made["plan"] as Plan | undefined;
  const keys = parseKeyText(made["newKeyText"] ?? "");
  expect(keys.retired.map((key) => key.reveal())).toEqual([KEY.trim()]);
  const opener = createOpener({ keys: activeAlone(keys) });
  const document = await openDocument(rotated?.text ?? "", { format: "json" });
  const { secrets } = await checkSecrets(document, secretRulesFor(document), opener);
  const opened = secrets.filter(({ state }) => state === "bound");
  expect(opened).toMatchObject([{ location: BOUND.location, opened: { plaintext: SECRET } }]);
});
