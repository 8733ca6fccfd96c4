import { beforeAll, describe, expect, it } from "vitest";
import type { Document } from "../src/document/document.ts";
import type { Plan } from "../src/finish-plan.ts";
import { planEncryption } from "../src/plan.ts";
import { type Expectation, verifyPlan } from "../src/verify-plan.ts";
import { json, open, RULES, valueAt } from "./documents.ts";
import { KEY, OTHER_KEY, opener, sealer, sealerOf } from "./material.ts";
import { refusal } from "./refusal.ts";

const HERE = "/auth/token_value";

describe("a plan's check of what was read back", () => {
  let plan: Plan;

  beforeAll(async () => {
    plan = await planEncryption(
      await json({ auth: { token_value: "one", password: "two" }, port: 8006, list: [1, null] }),
      { rules: RULES, sealer, opener },
    );
  });

  it("accepts the planned text", async () => {
    await expect(plan.verify(plan.text)).resolves.toBeUndefined();
  });

  it("refuses a text with any character changed, added or taken away", async () => {
    for (let at = 0; at <= plan.text.length; at += 1) {
      const before = plan.text.slice(0, at);
      const changed = [`${before} ${plan.text.slice(at)}`];
      if (at < plan.text.length) {
        const other = plan.text[at] === "A" ? "B" : "A";
        changed.push(before + plan.text.slice(at + 1), before + other + plan.text.slice(at + 1));
      }
      for (const text of changed) {
        const error = await refusal("UNEXPECTED", () => plan.verify(text));
        expect(error.message).toMatch(/read back is not the one that was written.*nothing was/);
      }
    }
  });
});

describe("the check of a plan against its document", () => {
  let document: Document;
  let token: string;

  beforeAll(async () => {
    document = await json({ auth: { token_value: "one", password: "two" }, port: 8006 });
    token = await sealer.seal("one", HERE);
  });

  /** Says what is wrong with a text that came back exactly as this faulty plan wanted it. */
  async function fault(
    part: Partial<Expectation>,
  ): Promise<{ message: string; location?: string }> {
    const expected: Expectation = {
      document,
      text: document.text.replace('"one"', JSON.stringify(token)),
      changes: [{ value: valueAt(document, HERE), newText: token, plaintext: "one" }],
      sealer,
      ...part,
    };
    const error = await refusal("UNEXPECTED", () => verifyPlan(expected, expected.text));
    expect(error.hint).toMatch(/please report this/);
    return {
      message: error.message,
      ...(error.where.location === undefined ? {} : { location: error.where.location }),
    };
  }

  const otherwise = "a field reads back otherwise than planned; nothing was replaced";

  it("misses no field that came or went", async () => {
    const text = document.text.replace('"port"', '"new": "field", "port"');
    expect((await fault({ text })).message).toMatch(/has other fields/);
    expect((await fault({ text: '{"auth":{}}' })).message).toMatch(/has other fields/);
  });

  it("misses no field that was renamed, moved or changed", async () => {
    const text = document.text.replace('"one"', JSON.stringify(token));
    const at = async (changed: string) => fault({ text: changed });
    expect(await at(text.replace('"port"', '"Port"'))).toEqual({
      message: otherwise,
      location: "/port",
    });
    expect(await at(text.replace("8006", "8007"))).toEqual({
      message: otherwise,
      location: "/port",
    });
    expect(await at(text.replace("8006", '"8006"'))).toEqual({
      message: otherwise,
      location: "/port",
    });
    expect(await at(text.replace('"two"', '"twO"'))).toEqual({
      message: otherwise,
      location: "/auth/password",
    });
    expect(await at(document.text)).toEqual({ message: otherwise, location: HERE });
  });

  it("cares for values, not for the white space between them", async () => {
    const text = JSON.stringify({ auth: { token_value: token, password: "two" }, port: 8006 });
    const changes = [{ value: valueAt(document, HERE), newText: token, plaintext: "one" }];
    await verifyPlan({ document, text, changes, sealer }, text);
  });

  it("opens each new token with the key that sealed it, and no other", async () => {
    const foreign = await sealerOf(OTHER_KEY).seal("one", HERE);
    const changes = [{ value: valueAt(document, HERE), newText: foreign, plaintext: "one" }];
    const text = document.text.replace('"one"', JSON.stringify(foreign));
    await refusal("NO_KEY_OPENS", () => verifyPlan({ document, text, changes, sealer }, text));
  });

  it("compares what each new token opens to", async () => {
    const plaintext = "another";
    const changes = [{ value: valueAt(document, HERE), newText: token, plaintext }];
    expect(await fault({ changes })).toEqual({
      message: "a new token does not open to what was sealed; nothing was replaced",
      location: HERE,
    });
  });

  it("asks the second opinion about each new token", async () => {
    const other = sealerOf(KEY, { seed: "another salt" });
    expect(await fault({ sealer: other })).toEqual({
      message: "two implementations of Fernet disagree about a new token",
      location: HERE,
    });
  });

  it("refuses a token that opens elsewhere only", async () => {
    const moved = await sealer.seal("one", "/auth/password");
    const changes = [{ value: valueAt(document, HERE), newText: moved, plaintext: "one" }];
    const text = document.text.replace('"one"', JSON.stringify(moved));
    await refusal("TOKEN_MISPLACED", () => verifyPlan({ document, text, changes, sealer }, text));
  });

  it("opens nothing where nothing was sealed", async () => {
    const changes = [{ value: valueAt(document, HERE), newText: "new", plaintext: undefined }];
    const text = document.text.replace('"one"', '"new"');
    await verifyPlan({ document, text, changes, sealer: undefined }, text);
    await verifyPlan({ document, text, changes, sealer }, text);
  });

  it("reads the text in the document's own format", async () => {
    const env = await open("API_KEY=one # note\nOTHER=x\n", "dotenv");
    const sealed = await sealer.seal("one", "env:API_KEY");
    const value = valueAt(env, "env:API_KEY");
    const text = env.text.replace("one", env.spell(value, sealed));
    const changes = [{ value, newText: sealed, plaintext: "one" }];
    await verifyPlan({ document: env, text, changes, sealer }, text);
  });
});
