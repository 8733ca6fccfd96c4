import { describe, expect, it } from "vitest";
import { didYouMean, suggest } from "../src/suggest.ts";

const KNOWN = ["/auth/token_value", "/auth/password", "env:MCPO_API_KEY", "Status"];

describe("did you mean", () => {
  it.each([
    ["/auth/token_valu", "/auth/token_value"],
    ["/auth/tokenvalue", "/auth/token_value"],
    ["auth/password", "/auth/password"],
    ["mcpo_api_key", "env:MCPO_API_KEY"],
    ["ENV:mcpo_api_key", "env:MCPO_API_KEY"],
    ["status", "Status"],
    ["stats", "Status"],
    ["st", undefined],
    ["xy", undefined],
    ["", undefined],
    ["/entirely/different/and/long", undefined],
  ])("%j: %s", (word, nearest) => {
    expect(suggest(word, KNOWN)).toBe(nearest);
  });

  it("suggests nothing where nothing is known", () => {
    expect(suggest("word", [])).toBeUndefined();
  });

  it("tolerates two slips in a short word and a third of a long one", () => {
    expect(suggest("abXX", ["abcd"])).toBe("abcd");
    expect(suggest("aXXX", ["abcd"])).toBeUndefined();
    expect(suggest("abcdefghiXXX", ["abcdefghijkl"])).toBe("abcdefghijkl");
    expect(suggest("abcdefgXXXXX", ["abcdefghijkl"])).toBeUndefined();
  });

  it("is the tail of a sentence", () => {
    expect(didYouMean("/auth/passwort", KNOWN)).toBe(" (did you mean /auth/password?)");
    expect(didYouMean("nothing of that kind", KNOWN)).toBe("");
  });
});
