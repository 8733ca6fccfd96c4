import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { SecretText } from "@proxmox-mcp/crypto/config";
import { expect, test } from "vitest";
import { legibleFields, legibleText } from "../../src/log/legible.ts";
import { KEY } from "../run-server.ts";

test("a text cannot repaint a terminal nor begin a line, and holds no key", () => {
  expect(legibleText(`a\u001b[2Jb\nc ${KEY}`)).toBe("a\\u001b[2Jb\\u000ac [key-shaped text]");
});

test("fields are cleaned at any depth, names too", () => {
  const fields = { "a\n": [{ key: KEY, at: new Date(0) }], n: 1, secret: new SecretText("marked") };
  expect(JSON.stringify(legibleFields(fields, false))).toBe(
    '{"a\\\\u000a":[{"key":"[key-shaped text]","at":"1970-01-01T00:00:00.000Z"}],"n":1,"secret":"[redacted]"}',
  );
});

test("an error is its code, message, place and way out; a stack only in debugging", () => {
  const error = new ProxmoxMcpError("SCHEMA", "wrong", { where: { line: 3 }, hint: "mend it" });
  const known = { code: "SCHEMA", message: "wrong", line: 3, hint: "mend it" };
  expect(legibleFields({ error }, false)).toEqual({ error: known });
  expect(legibleFields({ error }, true)).toMatchObject({
    error: { ...known, stack: expect.arrayContaining([expect.stringContaining("wrong")]) },
  });
});

test("the text of a foreign error is left out, as it may quote a secret", () => {
  const text = JSON.stringify(legibleFields({ error: new TypeError("marked") }, false));
  expect(text).toContain("unexpected failure (TypeError)");
  expect(text).not.toContain("marked");
});

test("what holds itself ends", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(JSON.stringify(legibleFields(circle, false))).toContain("[too deep]");
});
