/** A copy of the tool, beside which a keyring of a directory is installed: nothing of a desktop is needed. */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type KeyringStub, keyringStub } from "../../../crypto/test/files/keyring-stub.ts";
import { BINARY, type Cli } from "../cli.ts";

/** The copy, and the keyring of the test that runs. */
export interface Installed {
  readonly keyring: KeyringStub;
  /** The place, with the copy as its tool. */
  in(cli: Cli): Cli;
}

/** Copies the tool once for all tests of a file. Each finds the keyring empty. */
export function useInstalled(): Installed {
  let directory = "";
  let keyring: KeyringStub | undefined;
  beforeAll(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-keyring-")));
    for (const name of ["bin", "dist", "package.json"]) {
      const options = { recursive: true, preserveTimestamps: true };
      cpSync(join(dirname(BINARY), "..", name), join(directory, "tool", name), options);
    }
  });
  beforeEach(() => {
    rmSync(join(directory, "node_modules"), { recursive: true, force: true });
    keyring = keyringStub(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return {
    get keyring() {
      if (keyring === undefined) throw new Error("no test runs");
      return keyring;
    },
    in: (cli) => ({
      ...cli,
      run: (argv, surroundings) =>
        cli.run(argv, {
          ...surroundings,
          binary: join(directory, "tool/bin/proxmox-mcp-encrypt.cjs"),
        }),
    }),
  };
}
