/** sinks/kubernetes.sh, with a kubectl that keeps one entry of a Secret. */
import { describe, expect, it, test } from "vitest";
import { KEY, OTHER_KEY } from "../material.ts";
import { keyless } from "../rotation/deployment.ts";
import { rotateWith, runSink, type SinkScript } from "./store.ts";
import { refusesFaults, storesNothing } from "./store-faults.ts";
import { stubProgram } from "./stub.ts";

// The template that the sink asks with prints the version and, behind a blank, the entry as it is stored.
const KUBECTL = `
case $1 in
  get) [[ ! -s $STUB/stored ]] || printf '41 %s' "$(base64 -w 0 <"$STUB/stored")" ;;
  apply)
    [[ $fault != fails ]] || { echo "Error from server (Conflict)" >&2; exit 1; }
    cat >"$STUB/applied"
    sed -E 's/.*"data":\\{"[^"]*":"([^"]*)"\\}.*/\\1/' "$STUB/applied" | base64 --decode >"$STUB/got"
    [[ $fault != cuts ]] || head -n 1 "$STUB/got" >"$STUB/stored"
    [[ -n $fault ]] || cp "$STUB/got" "$STUB/stored" ;;
esac
`;
const THIRD_KEY = `${"A".repeat(42)}8=`;

function place(stored: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  const cli = keyless();
  const stub = stubProgram(cli, "kubectl", KUBECTL);
  stub.write("stored", lines(stored));
  stub.write("applied", "");
  const sink: SinkScript = { name: "kubernetes", env: { ...stub.env, ...more } };
  return { cli, stub, sink };
}

function lines(keys: readonly string[]): string {
  return keys.map((key) => `${key}\n`).join("");
}

describe("the sink for Kubernetes", () => {
  test("takes a key through a whole rotation, and nobody sees it", async () => {
    const { cli, stub, sink } = place();
    const fresh = await rotateWith(cli, sink);
    expect(stub.read("stored")).toBe(`${fresh}\n`);
    stub.expectUnseen([KEY, fresh]);
  });

  test("stores the whole text, on the condition that nobody changed the Secret", () => {
    const { cli, stub, sink } = place([KEY]);
    const text = lines([KEY, `next:${OTHER_KEY}`]);
    expect(runSink(cli, sink, text)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(JSON.parse(stub.read("applied"))).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "proxmox-master-key", resourceVersion: "41" },
      data: { key: Buffer.from(text).toString("base64") },
    });
    expect(stub.read("calls").split("\n")[1]).toBe(
      "apply --server-side --force-conflicts --field-manager proxmox-mcp --filename -",
    );
    stub.expectUnseen([KEY, OTHER_KEY, Buffer.from(KEY).toString("base64").slice(0, 40)]);
  });

  test("makes the Secret where there is none", () => {
    const { cli, stub, sink } = place();
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 0 });
    expect(JSON.parse(stub.read("applied"))).toMatchObject({
      metadata: { name: "proxmox-master-key" },
    });
    expect(stub.read("applied")).not.toContain("resourceVersion");
    expect(stub.read("stored")).toBe(`${KEY}\n`);
  });

  test("takes other names", () => {
    const { cli, stub, sink } = place([KEY], {
      PROXMOX_MCP_KUBERNETES_SECRET: "other",
      PROXMOX_MCP_KUBERNETES_ENTRY: "master.key",
      PROXMOX_MCP_KUBERNETES_NAMESPACE: "lab",
    });
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 0 });
    expect(JSON.parse(stub.read("applied"))).toMatchObject({
      metadata: { name: "other" },
      data: { "master.key": Buffer.from(`${KEY}\n`).toString("base64") },
    });
    const calls = stub.read("calls").trim().split("\n");
    expect(calls[0]).toMatch(/^get secret other --namespace lab .*index \. "master\.key"/);
    expect(calls[1]).toMatch(/^apply --namespace lab /);
  });

  test("stores nothing where no key came", () => {
    const { cli, stub, sink } = place();
    storesNothing(cli, sink, stub);
  });

  test("is not believed where it fails, lies or cuts", async () => {
    const { cli, stub, sink } = place();
    await refusesFaults(cli, sink, stub);
  });

  it.each([
    ["another key in the place of the stored one", "prepare", [KEY], [OTHER_KEY]],
    ["a text without the key that waits", "prepare", [KEY, `next:${OTHER_KEY}`], [KEY]],
    ["another key that waits", "prepare", [KEY, `next:${OTHER_KEY}`], [KEY, `next:${THIRD_KEY}`]],
    ["a text without the retired key", "promote", [KEY, OTHER_KEY], [KEY]],
    ["the end of the active key", "retire", [KEY, OTHER_KEY], [OTHER_KEY]],
    ["the end of the key that waits", "retire", [KEY, `next:${OTHER_KEY}`], [KEY]],
    ["a key behind a comment", "prepare", [KEY], [`${OTHER_KEY} # ${KEY}`]],
  ] as const)("refuses %s in the phase %s", (_, phase, stored, given) => {
    const { cli, stub, sink } = place(stored, { PROXMOX_MCP_SINK_PHASE: phase });
    expect(runSink(cli, sink, lines(given))).toMatchObject({
      status: 1,
      stdout: "",
      stderr:
        "the Secret proxmox-master-key holds a key that this text lacks: start again from what is stored\n",
    });
    expect(stub.read("applied")).toBe("");
  });

  it.each([
    ["the same text again", "prepare", [KEY, OTHER_KEY], [KEY, OTHER_KEY]],
    ["the key that waited", "promote", [KEY, `next:${OTHER_KEY}`], [OTHER_KEY, KEY]],
    ["the end of a retired key", "retire", [KEY, OTHER_KEY], [KEY]],
    ["a key in another spelling", "prepare", [KEY.replace(/=$/, "")], [KEY]],
    ["a text without the comment", "prepare", [`${KEY} # of January`], [KEY]],
  ] as const)("takes %s in the phase %s", (_, phase, stored, given) => {
    const { cli, stub, sink } = place(stored, { PROXMOX_MCP_SINK_PHASE: phase });
    expect(runSink(cli, sink, lines(given))).toMatchObject({ status: 0, stderr: "" });
    expect(stub.read("stored")).toBe(lines(given));
  });

  test("reads back what is stored, byte by byte", () => {
    const { cli, stub, sink } = place([`${KEY} # of January`, OTHER_KEY]);
    const stdout = stub.read("stored");
    expect(runSink(cli, sink, "", ["--read"])).toMatchObject({ status: 0, stdout, stderr: "" });
    expect(stub.read("applied")).toBe("");
  });

  it.each([
    ["no Secret", ""],
    ["no such entry in it", "41"],
  ])("has nothing to read where there is %s", (_, shown) => {
    const cli = keyless();
    const stub = stubProgram(cli, "kubectl", `printf '%s' '${shown}'`);
    const stderr = "the Secret proxmox-master-key has no entry key\n";
    const sink: SinkScript = { name: "kubernetes", env: stub.env };
    expect(runSink(cli, sink, "", ["--read"])).toMatchObject({ status: 1, stdout: "", stderr });
  });
});
