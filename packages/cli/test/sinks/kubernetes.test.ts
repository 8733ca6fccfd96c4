/** sinks/kubernetes.sh, with a kubectl that shows what it is told to and keeps what it gets. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KEY, OTHER_KEY } from "../material.ts";

const SINK = join(import.meta.dirname, "../../sinks/kubernetes.sh");
const KUBECTL = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$STATE/calls"
env >>"$STATE/environment"
if [[ $1 == get ]]; then cat "$STATE/shown"; exit; fi
cat >"$STATE/applied"
exit "$(cat "$STATE/status")"
`;
const THIRD_KEY = `${"A".repeat(42)}8=`;

let state = "";
const at = (name: string) => join(state, name);

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "proxmox-mcp-sink-"));
  mkdirSync(at("bin"));
  writeFileSync(at("bin/kubectl"), KUBECTL, { mode: 0o755 });
  writeFileSync(at("status"), "0");
  show("");
});
afterEach(() => rmSync(state, { recursive: true }));

/** What the Secret has from now on; nothing, where there is none. */
function show(...keys: readonly string[]): void {
  const text = Buffer.from(keys.map((key) => `${key}\n`).join("")).toString("base64");
  writeFileSync(at("shown"), keys.join("") === "" ? "" : `41 ${text}`);
}

function sink(
  input: string,
  { phase = "prepare", args = [], env = {} }: Partial<Call> = {},
): { status: number | null; stdout: string; stderr: string } {
  const path = [at("bin"), process.env["PATH"] ?? ""].join(delimiter);
  const outcome = spawnSync("bash", [SINK, ...args], {
    input,
    encoding: "utf8",
    env: { PATH: path, STATE: state, PROXMOX_MCP_SINK_PHASE: phase, ...env },
  });
  const seen = readFileSync(at("calls"), "utf8") + readFileSync(at("environment"), "utf8");
  for (const key of [KEY, OTHER_KEY, THIRD_KEY]) {
    for (const text of [key, Buffer.from(key).toString("base64").slice(0, 40)]) {
      expect(seen + outcome.stderr).not.toContain(text);
    }
  }
  return outcome;
}

interface Call {
  readonly phase: "prepare" | "promote" | "retire";
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The manifest that was applied, its text decoded. */
function applied(entry = "key"): { metadata: object; text: string } {
  const { metadata, data, ...rest } = JSON.parse(readFileSync(at("applied"), "utf8"));
  expect(rest).toEqual({ apiVersion: "v1", kind: "Secret" });
  expect(Object.keys(data)).toEqual([entry]);
  return { metadata, text: Buffer.from(data[entry], "base64").toString() };
}

describe("the sink for Kubernetes", () => {
  it("stores the whole text, on the condition that nobody changed the Secret", () => {
    show(KEY);
    const text = `${KEY}\nnext:${OTHER_KEY}\n`;
    expect(sink(text)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const metadata = { name: "proxmox-master-key", resourceVersion: "41" };
    expect(applied()).toEqual({ metadata, text });
    expect(readFileSync(at("calls"), "utf8").split("\n")[1]).toBe(
      "apply --server-side --force-conflicts --field-manager proxmox-mcp --filename -",
    );
  });

  it("makes the Secret where there is none", () => {
    expect(sink(`${KEY}\n`)).toMatchObject({ status: 0 });
    expect(applied()).toEqual({ metadata: { name: "proxmox-master-key" }, text: `${KEY}\n` });
  });

  it("takes other names", () => {
    show(KEY);
    const env = {
      PROXMOX_MCP_KUBERNETES_SECRET: "other",
      PROXMOX_MCP_KUBERNETES_ENTRY: "master.key",
      PROXMOX_MCP_KUBERNETES_NAMESPACE: "lab",
    };
    expect(sink(`${KEY}\n`, { env })).toMatchObject({ status: 0 });
    expect(applied("master.key").metadata).toMatchObject({ name: "other" });
    const calls = readFileSync(at("calls"), "utf8").trim().split("\n");
    expect(calls[0]).toMatch(/^get secret other --namespace lab .*index \. "master\.key"/);
    expect(calls[1]).toMatch(/^apply --namespace lab /);
  });

  it("fails where the API server refuses", () => {
    show(KEY);
    writeFileSync(at("status"), "1");
    expect(sink(`${KEY}\n`)).toMatchObject({ status: 1 });
  });

  it.each([
    ["nothing at all", "prepare", [KEY], []],
    ["a comment alone", "prepare", [KEY], ["# nothing"]],
    ["another key in the place of the stored one", "prepare", [KEY], [OTHER_KEY]],
    ["a text without the key that waits", "prepare", [KEY, `next:${OTHER_KEY}`], [KEY]],
    ["another key that waits", "prepare", [KEY, `next:${OTHER_KEY}`], [KEY, `next:${THIRD_KEY}`]],
    ["a text without the retired key", "promote", [KEY, OTHER_KEY], [KEY]],
    ["the end of the active key", "retire", [KEY, OTHER_KEY], [OTHER_KEY]],
    ["the end of the key that waits", "retire", [KEY, `next:${OTHER_KEY}`], [KEY]],
  ] as const)("refuses %s in the phase %s", (_, phase, stored, given) => {
    show(...stored);
    const text = given.map((line) => `${line}\n`).join("");
    expect(sink(text, { phase })).toMatchObject({ status: 1, stdout: "" });
    expect(existsSync(at("applied"))).toBe(false);
  });

  it.each([
    ["the same text again", "prepare", [KEY, OTHER_KEY], [KEY, OTHER_KEY]],
    [
      "the key that waits as the active one",
      "promote",
      [KEY, `next:${OTHER_KEY}`],
      [OTHER_KEY, KEY],
    ],
    ["the end of a retired key", "retire", [KEY, OTHER_KEY], [KEY]],
    ["a key in another spelling", "prepare", [KEY.replace(/=$/, "")], [KEY]],
    ["a text without the comment", "prepare", [`${KEY} # of January`], [KEY]],
  ] as const)("takes %s in the phase %s", (_, phase, stored, given) => {
    show(...stored);
    const text = given.map((line) => `${line}\n`).join("");
    expect(sink(text, { phase })).toMatchObject({ status: 0, stderr: "" });
    expect(applied().text).toBe(text);
  });

  it("reads back what is stored, byte by byte", () => {
    show(`${KEY} # of January`, OTHER_KEY);
    const stdout = `${KEY} # of January\n${OTHER_KEY}\n`;
    expect(sink("", { args: ["--read"] })).toMatchObject({ status: 0, stdout, stderr: "" });
    expect(existsSync(at("applied"))).toBe(false);
  });

  it.each([
    ["no Secret", ""],
    ["no such entry in it", "41"],
  ])("has nothing to read where there is %s", (_, shown) => {
    writeFileSync(at("shown"), shown);
    const stderr = "the Secret proxmox-master-key has no entry key\n";
    expect(sink("", { args: ["--read"] })).toMatchObject({ status: 1, stdout: "", stderr });
  });
});
