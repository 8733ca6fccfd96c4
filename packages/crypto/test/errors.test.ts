import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../src/command-line.ts";
import { encodeBase64Url } from "../src/encoding.ts";
import {
  asKnownError,
  type ErrorDetail,
  EXIT_STATUS,
  errorJson,
  formatError,
  ProxmoxMcpError,
  printable,
  stackOf,
} from "../src/errors.ts";
import { createDeriver } from "../src/key/derive.ts";
import { parseKeyText } from "../src/key/key-text.ts";
import { MasterKey, parseMasterKey, requireStrong } from "../src/key/master-key.ts";
import { planDecryption, planEncryption, planSet } from "../src/plan.ts";
import { createOpener, createSealer } from "../src/secret.ts";
import { parseToken } from "../src/token.ts";
import { json, open, RULES } from "./documents.ts";
import {
  deriver,
  KEY,
  keysOf,
  NOW,
  OTHER_KEY,
  opener,
  repeatable,
  sealer,
  sealerOf,
} from "./material.ts";

describe("an error", () => {
  it("has a code, a message, a place, a hint and a cause", () => {
    const cause = new RangeError("inner");
    const where = { file: "config.json", location: "/a", line: 1, column: 2 };
    const error = new ProxmoxMcpError("SYNTAX", "what happened", { where, hint: "do this", cause });
    expect(error).toMatchObject({
      code: "SYNTAX",
      message: "what happened",
      where,
      hint: "do this",
    });
    expect(error.name).toBe("ProxmoxMcpError");
    expect(error.cause).toBe(cause);
    expect(error).toBeInstanceOf(Error);
  });

  it("may have neither", () => {
    const error = new ProxmoxMcpError("UNEXPECTED", "what happened");
    expect(error.where).toEqual({});
    expect(error.hint).toBeUndefined();
    expect("cause" in error).toBe(false);
    expect("cause" in error.at({ line: 1 })).toBe(false);
  });

  it("is placed more exactly without losing what it knew", () => {
    const cause = new RangeError("inner");
    const detail = { where: { location: "/a" }, hint: "do this", cause };
    const placed = new ProxmoxMcpError("SYNTAX", "x", detail).at({
      file: "f",
      location: "/b",
      line: 3,
    });
    expect(placed.where).toEqual({ file: "f", location: "/a", line: 3 });
    expect(placed).toMatchObject({ code: "SYNTAX", message: "x", hint: "do this" });
    expect(placed.cause).toBe(cause);
  });

  it("has the way out of its code where its finder knows no better one", () => {
    const usual = new ProxmoxMcpError("FILE_NOT_FOUND", "what happened");
    expect(usual.hint).toMatch(/check the path/);
    expect(usual.at({ file: "a.json" }).hint).toBe(usual.hint);
    expect(new ProxmoxMcpError("FILE_NOT_FOUND", "x", { hint: "do this" }).hint).toBe("do this");
  });

  it("has an exit status for every code, as documented", () => {
    const statuses = new Set(Object.values(EXIT_STATUS));
    for (const status of statuses)
      expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130]).toContain(status);
  });
});

describe("an error as a line", () => {
  it.each<[string, ErrorDetail, string]>([
    ["what", {}, "error[UNEXPECTED]: what"],
    ["what", { hint: "do this" }, "error[UNEXPECTED]: what. Way out: do this."],
    ["what", { where: { file: "a.json" } }, "error[UNEXPECTED]: a.json: what"],
    ["no file a.json", { where: { file: "a.json" } }, "error[UNEXPECTED]: no file a.json"],
    ["in a.json", { where: { file: "a.json", line: 2 } }, "error[UNEXPECTED]: a.json:2: in a.json"],
    [
      "what",
      { where: { file: "a.json", line: 2, column: 3 } },
      "error[UNEXPECTED]: a.json:2:3: what",
    ],
    ["what", { where: { line: 2 } }, "error[UNEXPECTED]: line 2: what"],
    [
      "what",
      { where: { line: 2, column: 3, location: "/a" } },
      "error[UNEXPECTED]: line 2, column 3 /a: what",
    ],
    ["what", { where: { location: "/a" } }, "error[UNEXPECTED]: /a: what"],
    ["what", { where: { location: "" } }, "error[UNEXPECTED]: what"],
    ["what", { where: { column: 3 } }, "error[UNEXPECTED]: what"],
    [
      "what\nnow",
      { where: { file: "a\u001b[2J\r\u2028\u2029\u0085" }, hint: "x\ty" },
      "error[UNEXPECTED]: a\\u001b[2J\\u000d\\u2028\\u2029\\u0085: what\\u000anow. Way out: x\\u0009y.",
    ],
  ])("%j with %j", (message, detail, line) => {
    expect(formatError(new ProxmoxMcpError("UNEXPECTED", message, detail))).toBe(line);
  });
});

/** The key, the value and the token of one attempt, with everything that would give one away. */
function traces(...secrets: readonly (string | Uint8Array)[]): readonly string[] {
  return secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret);
    const forms = [bytes.toString("hex"), bytes.toString("base64"), encodeBase64Url(bytes)];
    if (typeof secret === "string") forms.push(secret);
    // Half a secret is too much, too.
    return forms.flatMap((form) => [form.slice(0, 8), form.slice(-12)]);
  });
}

/** What a person could see of an error, its cause and its stack included. */
async function shown(run: () => unknown): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    return inspect(error, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(error);
  }
}

describe("no error holds a key, a value or a token", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const marked = fc.tuple(bytes(32), bytes(12), bytes(16)).map(([key, value, iv]) => ({
    key: new MasterKey(key),
    value: `VALUE-${Buffer.from(value).toString("hex")}`,
    iv,
  }));

  it("of a master key or key text that is refused", async () => {
    await fc.assert(
      fc.asyncProperty(marked, async ({ key }) => {
        const text = key.reveal();
        const weak = new MasterKey(key.bytes.subarray(3));
        const runs: (() => unknown)[] = [
          () => parseMasterKey(`"${text}"`),
          () => parseMasterKey(`${text}${text}`),
          () => parseMasterKey(text.slice(0, -3)),
          () => parseMasterKey(`${text.slice(0, 20)}*${text.slice(20)}`),
          () => parseKeyText(`# ${text}\n${text}`),
          () => parseKeyText(`next:${text}`),
          () => parseKeyText(`${text}\n${text}`),
          () => parseKeyText(`${text}\nnext:${weak.reveal()}\nnext:${KEY.reveal()}`),
          () => parseKeyText(`${text}\nkey=${text}`),
          () => requireStrong(weak),
          () => createSealer({ key: weak, random: repeatable("r"), now: () => NOW }),
          () => createDeriver(0).derive(key, Buffer.alloc(16)),
          () =>
            splitCommand(`echo '${text}`, { name: "--sink", code: "USAGE", wanted: "a command" }),
        ];
        for (const run of runs) {
          const seen = await shown(run);
          expect(seen).not.toBe("");
          for (const trace of traces(text, key.bytes)) expect(seen).not.toContain(trace);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("of a token that is refused, or of a plan that fails", async () => {
    await fc.assert(
      fc.asyncProperty(marked, async ({ value, iv }) => {
        const HERE = "/auth/token_value";
        const token = await sealer.seal(value, HERE);
        const unbound = await sealerOf(KEY, { bound: false }).seal(value, HERE);
        const foreign = createOpener({ keys: keysOf(OTHER_KEY), deriver });
        const options = { rules: RULES, sealer, opener };
        const moved = await json({ auth: { token_value: "", password: token } });
        const plain = await json({ auth: { token_value: value, password: "enc:what" }, n: value });
        const sealed = await json({ auth: { token_value: token, password: "x" } });
        const dollar = await sealer.seal(`\${${value}`, HERE);
        const anchored = await open(`auth: &a\n  token_value: ${value}\nb: *a\n`, "yaml");
        const runs: (() => unknown)[] = [
          () => parseToken(` ${token}`),
          () => parseToken(value),
          () => parseToken(`enc:${value}`),
          () => parseToken(token.slice(0, -4)),
          () =>
            parseToken(token.replace(/^enc:[^:]*/, `enc:${encodeBase64Url(Buffer.of(...iv, 9))}`)),
          () => parseToken(token.replace(/^enc:[^:]*/, `enc:${encodeBase64Url(iv.subarray(1))}`)),
          () => opener.open(token, "/elsewhere"),
          () => foreign.open(token, HERE),
          () => foreign.open(unbound, HERE),
          () => sealer.seal(`${value}\uD800`, HERE),
          () => planEncryption(moved, options),
          () => planEncryption(plain, options),
          () => planEncryption(anchored, options),
          () => planEncryption(plain, { ...options, fields: ["/missing"] }),
          () => planEncryption(sealed, { ...options, opener: foreign }),
          () => planDecryption(moved, options),
          async () => planDecryption(await json({ auth: { token_value: dollar } }), options),
          () => planSet(plain, "/n", value, options),
          () => planSet(plain, HERE, `\${${value}`, options),
          () => planSet(plain, HERE, token, options),
          () => planSet(plain, HERE, value, options),
          async () => (await planSet(sealed, HERE, value, options)).verify("something else"),
          async () => (await sealer.secondOpinion())(token, `${value}x`, HERE),
        ];
        for (const [index, run] of runs.entries()) {
          const seen = await shown(run);
          expect(seen, `run ${index}`).not.toBe("");
          for (const trace of traces(value.slice("VALUE-".length), KEY.reveal(), KEY.bytes)) {
            expect(seen).not.toContain(trace);
          }
          for (const secret of [token, unbound, dollar]) {
            const [, salt = "", inner = ""] = secret.split(":");
            expect(seen).not.toContain(inner.slice(40, 60));
            expect(seen).not.toContain(salt.slice(0, 12));
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("errorJson", () => {
  it("holds the parts of the place that apply, and the way out", () => {
    const error = new ProxmoxMcpError("SYNTAX", "no", { where: { file: "f", line: 2, column: 1 } });
    expect(errorJson(error)).toEqual({
      code: "SYNTAX",
      message: "no",
      file: "f",
      line: 2,
      column: 1,
      hint: expect.stringContaining("correct the file"),
    });
    expect(errorJson(new ProxmoxMcpError("USAGE", "no"))).toEqual({
      code: "USAGE",
      message: "no",
      hint: null,
    });
  });

  it("has every single failure of several", () => {
    const problems = [new ProxmoxMcpError("USAGE", "no"), new ProxmoxMcpError("SYNTAX", "neither")];
    const error = new ProxmoxMcpError("SYNTAX", "both", { problems });
    expect(errorJson(error)).toMatchObject({
      message: "both",
      problems: [
        { code: "USAGE", message: "no" },
        { code: "SYNTAX", message: "neither" },
      ],
    });
  });

  it("hides what looks like a master key", () => {
    const error = new ProxmoxMcpError("FILE_NOT_FOUND", `not found: ${KEY.reveal()}`);
    expect(JSON.stringify(errorJson(error))).not.toContain(KEY.reveal().slice(0, 12));
  });
});

describe("printable", () => {
  it.each([
    ["plain text of any language: Grüße, 你好, مرحبا, 😀", undefined],
    ["a\r\n\tb\u001b[2J\u007f\u009b", "a\\u000d\\u000a\\u0009b\\u001b[2J\\u007f\\u009b"],
    ["line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"],
    ["\u202eright\u2066to\u061cleft\u200f", "\\u202eright\\u2066to\\u061cleft\\u200f"],
    ["zero\u200bwidth\u2060\ufeff\u00ad\u034f", "zero\\u200bwidth\\u2060\\ufeff\\u00ad\\u034f"],
    ["fillers \u115f\u3164\uffa0", "fillers \\u115f\\u3164\\uffa0"],
    ["tags \u{e0041}\u{e007f}", "tags \\u{e0041}\\u{e007f}"],
    ["selectors \ufe01\u{e0100}", "selectors \\ufe01\\u{e0100}"],
  ])("%j", (text, expected = text) => expect(printable(text)).toBe(expected));
});

describe("asKnownError", () => {
  it("leaves one of ours as it is", () => {
    const error = new ProxmoxMcpError("USAGE", "no");
    expect(asKnownError(error)).toBe(error);
  });

  it.each([
    [new RangeError("quotes what it failed on"), "unexpected failure (RangeError)"],
    ["a thrown text", "unexpected failure (string)"],
  ])("takes %s for a failure without its text", (thrown, message) => {
    expect(asKnownError(thrown)).toMatchObject({ code: "UNEXPECTED", message, cause: thrown });
  });
});

describe("a way out that ends in the name of this directory", () => {
  it("gets no full stop, which would make it the one above", () => {
    const error = new ProxmoxMcpError("USAGE", "x", { hint: "run: status ." });
    expect(formatError(error)).toBe("error[USAGE]: x. Way out: run: status .");
  });
});

describe("stackOf", () => {
  it("shows the stacks of an error and of its causes", () => {
    const text = stackOf(new ProxmoxMcpError("USAGE", "outer", { cause: new Error("inner") }));
    expect(text).toMatch(/outer[\s\S]*\n\s+at [\s\S]*\ncaused by Error: inner\n\s+at /);
  });

  it("shows the message where there is no stack, and texts as they are", () => {
    const bare = new Error("bare");
    delete (bare as { stack?: string }).stack;
    expect(stackOf(bare)).toBe("bare");
    expect(stackOf("text")).toBe("text");
  });
});
