import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { printFernet } from "../src/fernet.ts";
import { askKnownAnswer, KNOWN_KEY } from "../src/known-answer.ts";
import { parseToken } from "../src/token.ts";
import { bound } from "./vectors.ts";

describe("the known answer", () => {
  it("is the example of the specification, which another implementation made", () => {
    const example = bound.good.find(({ timestamp }) => timestamp === 1_700_396_634);
    const { token, plaintext } = askKnownAnswer();
    expect(example).toMatchObject({ plaintext, derived_key: KNOWN_KEY.toString("hex") });
    expect(printFernet(token)).toBe(printFernet(parseToken(example?.token ?? "").fernet));
  });

  it("is asked for once", () => {
    expect(askKnownAnswer()).toBe(askKnownAnswer());
  });
});

describe("on a machine whose cryptography answers otherwise", () => {
  beforeEach(() => {
    vi.resetModules();
  });

  afterEach(() => {
    vi.doUnmock("node:crypto");
  });

  it.each([
    ["MACs", { createHmac: "sha512-256" }],
    ["ciphers", { createCipheriv: "aes-128-ctr" }],
    ["deciphers", { createDecipheriv: "camellia-128-ecb" }],
  ])("with other %s, nothing is prepared", async (_, wrong) => {
    vi.doMock("node:crypto", async (importOriginal) => {
      const real = await importOriginal<typeof import("node:crypto")>();
      const [[name, algorithm] = ["", ""]] = Object.entries(wrong);
      const call = Reflect.get(real, name) as (...args: unknown[]) => unknown;
      return { ...real, [name]: (_right: string, ...rest: unknown[]) => call(algorithm, ...rest) };
    });
    const { askKnownAnswer: ask } = await import("../src/known-answer.ts");
    expect(ask).toThrow(/a wrong answer to a known question/);
    const { createSecondOpinion } = await import("../src/second-opinion.ts");
    await expect(createSecondOpinion(Promise.resolve(KNOWN_KEY))).rejects.toThrow(/wrong answer/);
  });
});
