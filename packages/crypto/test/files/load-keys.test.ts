import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatError } from "../../src/errors.ts";
import { type LoadedKeys, loadKeys, loadOtherKeys } from "../../src/files/index.ts";
import type { KeySourceQuestion } from "../../src/key/source.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { failure, useDirectory } from "./harness.ts";

const directory = useDirectory();

function question(change: Partial<KeySourceQuestion> = {}): KeySourceQuestion {
  return { env: {}, exists: existsSync, ...change };
}

function keyFile(name: string, text: string): string {
  const path = join(directory(), name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function ids({ keys }: LoadedKeys): readonly (string | undefined)[] {
  return [keys.active, ...keys.retired].map(({ id }) => id);
}

describe("loadKeys", () => {
  it("reads the key of the strongest source and names it", async () => {
    const env = { PROXMOX_MCP_MASTER_KEY: `${KEY.reveal()}\n${OTHER_KEY.reveal()}\n` };
    const loaded = await loadKeys(question({ env }));
    expect(ids(loaded)).toEqual([KEY.id, OTHER_KEY.id]);
    expect(loaded.source.from).toBe("PROXMOX_MCP_MASTER_KEY");
  });

  it("names the ways to a key where there is none", async () => {
    const error = await failure(() => loadKeys(question()));
    expect(error.code).toBe("KEY_MISSING");
    expect(error.hint).toContain("generate-key");
  });

  it("takes two sources that agree, and hands on the warnings of both", async () => {
    const path = keyFile("key", KEY.reveal());
    const env = { PROXMOX_MCP_MASTER_KEY: KEY.reveal(), PROXMOX_MCP_MASTER_KEY_FILE: path };
    expect(ids(await loadKeys(question({ env })))).toEqual([KEY.id]);
  });

  it("takes the source with a next key, opens with the keys of both, and says so", async () => {
    const path = keyFile("key", `${KEY.reveal()}\nnext:${OTHER_KEY.reveal()}\n`);
    const retired = Buffer.alloc(32, 0xb7).toString("base64url").concat("=");
    const env = {
      PROXMOX_MCP_MASTER_KEY: `${KEY.reveal()} ${retired}`,
      PROXMOX_MCP_MASTER_KEY_FILE: path,
    };
    const { keys, ownKeys, source, warnings } = await loadKeys(question({ env }));
    expect(source).toMatchObject({ kind: "file", path });
    expect(keys.successor?.id).toBe(OTHER_KEY.id);
    expect(keys.retired.map((key) => key.reveal())).toEqual([retired]);
    expect(ownKeys.retired).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("PROXMOX_MCP_MASTER_KEY hold the same")]);
  });

  it("puts the further keys of a file behind those of a variable", async () => {
    const path = keyFile("key", `${KEY.reveal()}\n${OTHER_KEY.reveal()}\n`);
    const env = { PROXMOX_MCP_MASTER_KEY: KEY.reveal(), PROXMOX_MCP_MASTER_KEY_FILE: path };
    const { ownKeys, source } = await loadKeys(question({ env }));
    expect(source.kind).toBe("variable");
    expect(ownKeys.retired.map(({ id }) => id)).toEqual([OTHER_KEY.id]);
  });

  it("refuses two next keys, and names both sources", async () => {
    const other = Buffer.alloc(32, 0xb7).toString("base64url").concat("=");
    const path = keyFile("key", `${KEY.reveal()}\nnext:${OTHER_KEY.reveal()}\n`);
    const env = {
      PROXMOX_MCP_MASTER_KEY: `${KEY.reveal()} next:${other}`,
      PROXMOX_MCP_MASTER_KEY_FILE: path,
    };
    const error = await failure(() => loadKeys(question({ env })));
    expect(error.code).toBe("KEY_CONFLICT");
    expect(error.message).toContain("PROXMOX_MCP_MASTER_KEY and ");
    expect(error.message).toContain(path);
  });

  it("refuses two sources of different active keys, and names both and no key", async () => {
    const path = keyFile("key", `${OTHER_KEY.reveal()}\n${KEY.reveal()}\n`);
    const env = { PROXMOX_MCP_MASTER_KEY: KEY.reveal(), PROXMOX_MCP_MASTER_KEY_FILE: path };
    const error = await failure(() => loadKeys(question({ env })));
    expect(error.code).toBe("KEY_CONFLICT");
    expect(error.message).toContain("PROXMOX_MCP_MASTER_KEY and ");
    expect(error.message).toContain(path);
    expect(JSON.stringify(error)).not.toContain(KEY.reveal().slice(0, 12));
  });

  it("says in which file and line a bad key stands", async () => {
    const path = keyFile("key", `${KEY.reveal()}\n"quoted"\n`);
    const error = await failure(() => loadKeys(question({ keyFile: path })));
    expect(error).toMatchObject({ code: "KEY_INVALID", where: { file: path, line: 2 } });
    expect(error.message).toMatch(/^--key-file: the master key/);
  });

  it.each(["PROXMOX_MCP_MASTER_KEY_FILE", "--key-file", "the home"])(
    "names the file of a bad key once: %s",
    async (holder) => {
      const path = keyFile("key", `${KEY.reveal()}\nnext:\n`);
      const env = { PROXMOX_MCP_MASTER_KEY_FILE: path };
      const named = { PROXMOX_MCP_MASTER_KEY_FILE: { env }, "--key-file": { keyFile: path } };
      const error = await failure(() =>
        loadKeys(question(named[holder as keyof typeof named] ?? { homeFile: path })),
      );
      const line = formatError(error);
      expect(line.split(path)).toHaveLength(2);
      const words = holder === "the home" ? "" : `${holder}: `;
      expect(line).toContain(`error[${error.code}]: ${path}:2: ${words}the master key`);
    },
  );
});

describe("loadKeys from a variable", () => {
  it("has a line and no file to name", async () => {
    const env = { PROXMOX_MCP_MASTER_KEY: `${KEY.reveal()} ${KEY.reveal()}` };
    const error = await failure(() => loadKeys(question({ env })));
    expect(error).toMatchObject({ code: "KEY_DUPLICATE", where: { line: 1 } });
    expect(error.where.file).toBeUndefined();
    expect(formatError(error)).toContain("]: line 1: PROXMOX_MCP_MASTER_KEY: the key text");
  });
});

describe("loadOtherKeys", () => {
  it("reads the weaker sources, and leaves out what cannot be read", async () => {
    const homeFile = keyFile("home", OTHER_KEY.reveal());
    const env = { PROXMOX_MCP_MASTER_KEY_FILE: join(directory(), "missing") };
    const flags = { keyFile: keyFile("key", KEY.reveal()) };
    const others = await loadOtherKeys(question({ ...flags, env, homeFile }));
    expect(others.map(ids)).toEqual([[OTHER_KEY.id]]);
  });

  it("finds nothing beside the only source", async () => {
    const env = { PROXMOX_MCP_MASTER_KEY: KEY.reveal() };
    expect(await loadOtherKeys(question({ env }))).toEqual([]);
  });
});
