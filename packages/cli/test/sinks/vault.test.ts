/** sinks/vault.sh, with a vault that keeps what it gets. */
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { keyless } from "../rotation/deployment.ts";
import { rotateWith, runSink, type SinkScript } from "./store.ts";
import { refusesFaults, storesNothing } from "./store-faults.ts";
import { type Stub, stubProgram } from "./stub.ts";

// As vault does: the text is stored byte for byte, and printed without a line end of its own.
const VAULT = `
case "$1 $2" in
  "kv put")
    [[ $fault != fails ]] || { echo "permission denied" >&2; exit 2; }
    [[ $4 == *=- ]] || { echo "no value on standard input" >&2; exit 1; }
    cat >"$STUB/got"
    [[ $fault != cuts ]] || head -n 1 "$STUB/got" >"$STUB/stored"
    [[ -n $fault ]] || cp "$STUB/got" "$STUB/stored"
    echo "version 7" ;;
  "kv get") cat "$STUB/stored" ;;
esac
`;

function place(cli: Cli = keyless(), more: Readonly<Record<string, string>> = {}) {
  const stub: Stub = stubProgram(cli, "vault", VAULT);
  const env = { ...stub.env, PROXMOX_MCP_VAULT_PATH: "secret/proxmox-mcp", ...more };
  const sink: SinkScript = { name: "vault", env };
  return { cli, stub, sink };
}

describe("the sink for Vault", () => {
  test("takes a key through a whole rotation, and nobody sees it", async () => {
    const { cli, stub, sink } = place();
    const fresh = await rotateWith(cli, sink);
    expect(stub.read("stored")).toBe(`${fresh}\n`);
    stub.expectUnseen([KEY, fresh]);
  });

  test("stores the whole text under the names that it was given", () => {
    const { cli, stub, sink } = place(undefined, {
      PROXMOX_MCP_VAULT_PATH: "kv/pve/mcp",
      PROXMOX_MCP_VAULT_FIELD: "text",
    });
    const text = `${KEY}\nnext:${OTHER_KEY}\n`;
    expect(runSink(cli, sink, text)).toEqual(
      expect.objectContaining({ status: 0, stdout: "", stderr: "" }),
    );
    expect(stub.read("stored")).toBe(text);
    runSink(cli, sink, "", ["--read"]);
    expect(stub.read("calls")).toBe(
      "kv put kv/pve/mcp text=-\nkv get -format=table -field=text kv/pve/mcp\n",
    );
  });

  test("wants the name of the secret", () => {
    const { cli, sink } = place(undefined, { PROXMOX_MCP_VAULT_PATH: "" });
    const { status, stderr } = runSink(cli, sink, `${KEY}\n`);
    expect(stderr).toContain("PROXMOX_MCP_VAULT_PATH: names the secret");
    expect(status).not.toBe(0);
  });

  test("stores nothing where no key came", () => {
    const { cli, stub, sink } = place();
    storesNothing(cli, sink, stub);
  });

  test("is not believed where it fails, lies or cuts", async () => {
    const { cli, stub, sink } = place();
    await refusesFaults(cli, sink, stub);
  });
});
