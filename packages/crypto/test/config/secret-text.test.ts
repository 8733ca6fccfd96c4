import { inspect } from "node:util";
import { expect, test } from "vitest";
import { SecretText } from "../../src/config/secret-text.ts";

test("a secret text prints as [redacted] wherever it is printed", () => {
  const secret = new SecretText("marked-secret");
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ deep: { secret } }, { depth: 9 }),
    Object.entries(secret).join(),
  ].join("\n");
  expect(printed).not.toContain("marked");
  expect(printed.match(/\[redacted\]/g)).toHaveLength(5);
  expect(secret.reveal()).toBe("marked-secret");
});
