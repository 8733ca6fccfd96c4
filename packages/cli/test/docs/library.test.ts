/** The example of the library's README, run as it stands. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BOUND, config, KEY, SECRET } from "../material.ts";
import { documents } from "./documents.ts";
import { fencesOf } from "./fences.ts";

it("seals what the example says it seals", async () => {
  const readme = documents.find(({ name }) => name === "packages/crypto/README.md");
  const [example, ...others] = fencesOf(readFileSync(readme?.path ?? "", "utf8"));
  expect(others).toEqual([]);
  // A module made of text has no place to look packages up from.
  const code = (example?.content ?? "").replace(
    /from "(@[^"]+)"/g,
    (_, name: string) => `from ${JSON.stringify(import.meta.resolve(name))}`,
  );
  const given = `const keyText = ${JSON.stringify(KEY)}, text = ${JSON.stringify(config())};`;
  const module = encodeURIComponent(`${given}\n${code}\nexport { plan };`);
  const { plan } = await import(/* @vite-ignore */ `data:text/javascript,${module}`);
  expect(plan.text).not.toContain(SECRET);
  expect(plan.changed).toMatchObject([{ location: BOUND.location, state: "plain" }]);
});
