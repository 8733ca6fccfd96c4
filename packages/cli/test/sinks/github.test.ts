/** sinks/github.sh, with a gh that keeps the secret. GitHub gives none back, so that nothing can be verified here. */
import { describe, expect, test } from "vitest";
import { KEY, OTHER_KEY } from "../material.ts";
import {
  deployment,
  expectRotated,
  keyless,
  opened,
  SECRETS,
  succeeds,
  words,
} from "../rotation/deployment.ts";
import { flagsOf, runSink, type SinkScript } from "./store.ts";
import { storesNothing } from "./store-faults.ts";
import { stubProgram } from "./stub.ts";

// As gh does: the value is what comes on standard input, without the line breaks at its end.
const GH = `
[[ "$1 $2" == "secret set" && " $* " != *" --body"* ]] || exit 1
[[ $fault != fails ]] || { echo "HTTP 403: Resource not accessible by integration" >&2; exit 1; }
[[ $fault != cuts ]] || { head -c 20 >/dev/null; echo "unexpected EOF" >&2; exit 1; }
printf '%s' "$(cat)" >"$STUB/stored"
`;
const TOKEN = "example-token-of-an-app";

function place(cli = keyless(), more: Readonly<Record<string, string>> = {}) {
  const stub = stubProgram(cli, "gh", GH);
  stub.write("stored", "");
  const env = { ...stub.env, GITHUB_REPOSITORY: "example/configs", GH_TOKEN: TOKEN, ...more };
  const sink: SinkScript = { name: "github", env };
  // Nothing to read it back with.
  return { cli, stub, sink, flags: flagsOf(sink).slice(0, 2) };
}

describe("the sink for GitHub", () => {
  test("takes a key through a whole rotation, and nobody sees it", async () => {
    const { cli, stub, sink, flags } = place(deployment());
    await succeeds(cli, ["prepare-key", ...flags], sink.env);
    const [, next = ""] = words(stub.read("stored"));
    const fresh = next.replace(/^next:/, "");
    expect(words(stub.read("stored"))).toEqual([KEY, `next:${fresh}`]);

    await succeeds(cli, ["rotate-key-all", ".", ...flags], sink.env);
    expect(words(stub.read("stored"))).toEqual([fresh, KEY]);
    await expectRotated(cli, stub.read("stored"));

    const retire = ["retire-key", ".", "--delete-backups", "--yes", ...flags];
    await succeeds(cli, retire, sink.env);
    expect(stub.read("stored")).toBe(fresh);
    await expectRotated(cli, fresh);
    stub.expectUnseen([KEY, fresh]);
  });

  test("stores the whole text in a secret of the repository", () => {
    const { cli, stub, sink } = place();
    const text = `${KEY}\nnext:${OTHER_KEY}`;
    const outcome = runSink(cli, sink, `${text}\n`);
    expect(outcome).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(stub.read("stored")).toBe(text);
    expect(stub.read("calls")).toBe("secret set PROXMOX_MCP_MASTER_KEY --repo example/configs\n");
    stub.expectUnseen([KEY, OTHER_KEY]);
    expect(stub.read("calls")).not.toContain(TOKEN);
  });

  test("takes another name, and an environment", () => {
    const { cli, stub, sink } = place(undefined, {
      PROXMOX_MCP_GITHUB_SECRET: "KEY_OF_THE_LAB",
      PROXMOX_MCP_GITHUB_ENVIRONMENT: "the lab",
    });
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 0, stderr: "" });
    expect(stub.read("calls")).toBe(
      "secret set KEY_OF_THE_LAB --repo example/configs --env the lab\n",
    );
  });

  test("wants the name of the repository", () => {
    const { cli, stub, sink } = place(undefined, { GITHUB_REPOSITORY: "" });
    const { status, stderr } = runSink(cli, sink, `${KEY}\n`);
    expect(stderr).toContain("GITHUB_REPOSITORY: names the repository");
    expect(status).not.toBe(0);
    expect(stub.read("calls")).toBe("");
  });

  test("stores nothing where no key came", () => {
    const { cli, stub, sink } = place();
    storesNothing(cli, sink, stub);
  });

  test.each([
    ["fails", "HTTP 403: Resource not accessible by integration\n"],
    ["cuts", "unexpected EOF\n"],
  ] as const)("a gh that %s is heard of, and no config changes", async (fault, complaint) => {
    const { cli, stub, sink, flags } = place(deployment());
    stub.fail(fault);
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 1, stderr: complaint });
    const argv = ["rotate-key-all", ".", ...flags];
    const { status, stderr } = await cli.run(argv, { env: sink.env });
    expect(stderr).toMatch(/^error\[SINK_FAILED\].*pending key is kept/);
    expect(status).toBe(8);
    expect(await opened(cli, KEY)).toMatchObject({ secrets: SECRETS });
    const [, waiting = ""] = /the new key (\w+) waits/.exec(stderr) ?? [];

    stub.fail("");
    const again = await succeeds(cli, argv, sink.env);
    expect(again.stderr).toContain(`to key ${waiting}:`);
    stub.expectUnseen([KEY, ...words(stub.read("stored"))]);
  });
});
