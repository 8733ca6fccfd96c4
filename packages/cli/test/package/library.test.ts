/** The library as it is installed: what it exports, with its types, from nothing but what it declares. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packed, ROOT } from "./tarballs.ts";

const tarballs = packed("crypto");

/** A project that has the library, and beside it what the library declares. */
function project(): string {
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-library-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const installed = join(root, "node_modules/@proxmox-mcp/crypto");
  cpSync(tarballs.unpacked("crypto"), installed, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    symlinkSync(join(ROOT, "packages/crypto/node_modules", name), join(root, "node_modules", name));
  }
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", private: true }));
  return root;
}

const PROGRAM = `
import { randomBytes } from "node:crypto";
import {
  createOpener,
  createSealer,
  generateMasterKey,
  openDocument,
  parseKeyText,
  planEncryption,
  ProxmoxMcpError,
  type KeyText,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { readTextFile, type TextFile } from "@proxmox-mcp/crypto/files";
import schema from "@proxmox-mcp/crypto/config.schema.json" with { type: "json" };

const file: TextFile = readTextFile("config.yaml");
const keys: KeyText = parseKeyText(generateMasterKey(randomBytes).reveal());
const document = await openDocument(file.text, { format: "yaml" });
const plan = await planEncryption(document, {
  rules: secretRulesFor(document),
  opener: createOpener({ keys }),
  sealer: createSealer({ key: keys.active, random: randomBytes, now: () => new Date() }),
});
// By a second implementation as well, which is a dependency of its own.
await plan.verify(plan.text);
const [token = ""] = /enc:\\S+/.exec(plan.text) ?? [];
const { plaintext } = await createOpener({ keys }).open(token, "/auth/token_value");
const isError: boolean = new Error() instanceof ProxmoxMcpError;
console.log(JSON.stringify({ plaintext, isError, title: typeof schema.$schema }));
`;

test("what it exports works, with the packages that it declares", () => {
  const root = project();
  const yaml = "proxmox: { host: pve.example }\\nauth:\\n  token_value: example-secret\\n";
  writeFileSync(join(root, "config.yaml"), yaml.replaceAll("\\n", "\n"));
  // Types are stripped by hand: not every Node that we support does.
  const plain = PROGRAM.replaceAll(/^ {2}type \w+,\n|, type \w+|(?<=const \w+): \w+/gm, "");
  writeFileSync(join(root, "main.js"), plain);
  const output = execFileSync(process.execPath, ["main.js"], { cwd: root, encoding: "utf8" });
  expect(JSON.parse(output)).toEqual({
    plaintext: "example-secret",
    isError: false,
    title: "string",
  });
});

test("its types are what TypeScript finds, in the strictest settings", () => {
  const root = project();
  mkdirSync(join(root, "node_modules/@types"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(root, "node_modules/@types/node"));
  writeFileSync(join(root, "main.ts"), PROGRAM);
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    resolveJsonModule: true,
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(
    join(root, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["main.ts"] }),
  );
  const compiler = join(ROOT, "node_modules/typescript");
  const { bin } = JSON.parse(readFileSync(join(compiler, "package.json"), "utf8"));
  const compile = () =>
    execFileSync(process.execPath, [join(compiler, bin.tsc), "-p", dirname(join(root, "x"))], {
      encoding: "utf8",
    });
  expect(compile()).toBe("");
  writeFileSync(
    join(root, "main.ts"),
    PROGRAM.replace("const isError: boolean", "const isError: string"),
  );
  expect(compile).toThrow();
});
