/** What the documents state is what the programs do: codes, flags, links, vectors. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createOpener, parseKeyText } from "@proxmox-mcp/crypto";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { describe, expect, it } from "vitest";
import { documents } from "./documents.ts";
import { fencesOf, withoutFences } from "./fences.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const COMMANDS = [
  "encrypt",
  "decrypt",
  "set",
  "status",
  "scan",
  "generate-key",
  "rotate-key",
  "rotate-key-all",
  "prepare-key",
  "retire-key",
  "backups list",
  "backups verify",
  "backups prune",
  "backups restore",
];
const PYTHON_FLAGS = ["--rotate-key", "--rotate-key-all"];
// Of our sinks and scripts, and of vitest, npm and docker.
const OTHER_FLAGS = ["--read", "--http", "--update", "--provenance", "--target"];
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");

describe("docs/cli.md", () => {
  it("lists every error code with its exit status", () => {
    const rows = read("docs/cli.md").matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| \S/gm);
    const listed = [...rows].map(([, code, status]) => [code, Number(status)]);
    expect(listed).toEqual(Object.entries(EXIT_STATUS));
  });

  it("explains every exit status that a code has", () => {
    const section = /### Exit statuses\n([\s\S]*?)\n#/.exec(read("docs/cli.md"))?.[1] ?? "";
    const explained = [...section.matchAll(/^\| (\d+) +\|/gm)].map(([, status]) => Number(status));
    expect(new Set(explained)).toEqual(new Set([0, ...Object.values(EXIT_STATUS)]));
  });
});

describe("docs/rotation.md", () => {
  it("shows a record whose checksum is right", () => {
    const records = fencesOf(read("docs/rotation.md")).flatMap(
      ({ content }) => /^proxmox-mcp transaction 1 sha256 (\S+)\n([\s\S]*)$/.exec(content) ?? [],
    );
    const [, checksum, body = ""] = records;
    expect(createHash("sha256").update(body).digest("hex")).toBe(checksum);
    expect(JSON.parse(body)).toMatchObject({
      operation: "rotate-key-all",
      plan: { state: "commit" },
    });
  });
});

describe("docs/token-format.md", () => {
  it("has vectors that open", async () => {
    const page = read("docs/token-format.md");
    const key = /master key is `([^`]+)`, its id `([^`]+)`/.exec(page);
    const keys = parseKeyText(key?.[1] ?? "");
    expect(keys.active.id).toBe(key?.[2]);
    const [fence] = fencesOf(page).filter(({ language }) => language === "json");
    const vectors: Vector[] = JSON.parse(fence?.content ?? "[]");
    expect(vectors.map(({ form }) => form)).toEqual(["bound", "unbound", "legacy"]);
    const opener = createOpener({ keys });
    for (const { form, location = "/anywhere", plaintext, token } of vectors) {
      expect(await opener.open(token, location)).toMatchObject({ form, plaintext });
    }
  });
});

interface Vector {
  readonly form: string;
  readonly location?: string;
  readonly plaintext: string;
  readonly token: string;
}

describe.each(documents)("$name", ({ path }) => {
  const markdown = readFileSync(path, "utf8");

  it("has links that lead somewhere", () => {
    const links = [...withoutFences(markdown).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)];
    for (const [, link = ""] of links) {
      const [file = "", heading] = link.split("#");
      const target = file === "" ? path : resolve(dirname(path), file);
      expect(existsSync(target), link).toBe(true);
      if (heading !== undefined)
        expect(anchorsOf(readFileSync(target, "utf8")), link).toContain(heading);
    }
  });

  it("names no flag that the programs do not have", () => {
    const words = [...withoutFences(markdown).matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) => {
      const isOurs =
        code.startsWith("--") ||
        /^proxmox-mcp-(?:encrypt|server)\b/.test(code) ||
        COMMANDS.some((command) => code === command || code.startsWith(`${command} `));
      return isOurs ? (code.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []) : [];
    });
    const known = [...flags(), ...PYTHON_FLAGS, ...OTHER_FLAGS];
    expect(words.filter((word) => !known.includes(word))).toEqual([]);
  });
});

/** As GitHub makes them from headings. */
function anchorsOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

let helps: string[] | undefined;

function flags(): string[] {
  helps ??= [
    ["packages/server/bin/proxmox-mcp-server.cjs"],
    ["packages/server/bin/proxmox-mcp-server.cjs", "audit"],
    ...["", ...COMMANDS].map((command) => [
      "packages/cli/bin/proxmox-mcp-encrypt.cjs",
      ...command.split(" ").filter((word) => word !== ""),
    ]),
  ].map(
    (argv) =>
      spawnSync(process.execPath, [...argv, "--help"], { cwd: ROOT, encoding: "utf8" }).stdout,
  );
  return helps.flatMap((help) => help.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []);
}
