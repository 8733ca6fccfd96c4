import { describe, expect, it } from "vitest";
import { keyringFlag, withKeyringAccount } from "../../src/key/keyring-flag.ts";

describe("--keyring among arguments", () => {
  it.each([
    [
      ["status", "--keyring", "config.json"],
      ["status", "--keyring=master-key", "config.json"],
    ],
    [
      ["--keyring=work", "config.json"],
      ["--keyring=work", "config.json"],
    ],
    [["--keyring="], ["--keyring="]],
    [["--keyrings"], ["--keyrings"]],
    [
      ["encrypt", "--", "--keyring"],
      ["encrypt", "--", "--keyring"],
    ],
    [
      ["encrypt", "--keyring", "--", "--keyring"],
      ["encrypt", "--keyring=master-key", "--", "--keyring"],
    ],
    [[], []],
  ])("%j", (argv, expected) => {
    expect(withKeyringAccount(argv)).toEqual(expected);
  });

  it("is written as short as it can be", () => {
    expect([keyringFlag("master-key"), keyringFlag("work")]).toEqual([
      "--keyring",
      "--keyring=work",
    ]);
  });
});
