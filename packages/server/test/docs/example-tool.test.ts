/** docs/adding-a-tool.md shows these files, which are compiled, linted and run like all others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSession } from "../mcp/session.ts";
import { getVmSnapshots } from "./example-tool.ts";
import { expectParts, pageOf } from "./parts.ts";

const MAKER = "packages/server/test/docs/example-tool.test.ts";

// region test
test("the snapshots of a machine have names and times", async () => {
  const { call } = await openSession({ tools: [getVmSnapshots] });
  const outcome = await call("get_vm_snapshots", { vmid: 100 });
  expect(outcome).toMatchObject({
    isError: false,
    data: {
      vmid: 100,
      node: "pve1",
      snapshots: [
        { name: "installed", taken_at: expect.stringMatching(/^\d{4}-.*Z$/) },
        { name: "before-upgrade" },
      ],
    },
  });
  expect(outcome.text).toMatch(/^NAME +TAKEN\ninstalled +\d{4}-/);
});

test("a machine that is not there is named", async () => {
  const { call } = await openSession({ tools: [getVmSnapshots] });
  const { isError, error } = await call("get_vm_snapshots", { vmid: 999 });
  expect(isError).toBe(true);
  expect(error).toMatchObject({ code: "GUEST_NOT_FOUND", message: "there is no VM 999" });
});
// end region

test("docs/adding-a-tool.md shows the tool and its tests", async () => {
  await expectParts(pageOf("adding-a-tool.md"), MAKER, {
    tool: fence(
      read("example-tool.ts").replaceAll("../../src/tools/", "./").replaceAll("../../src/", "../"),
    ),
    test: fence(
      /^\/\/ region test\n([\s\S]*?)^\/\/ end region$/m.exec(read("example-tool.test.ts"))?.[1],
    ),
  });
});

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}

function fence(code: string | undefined): string {
  if (code === undefined) throw new Error("there is no such code");
  return `\`\`\`ts\n${code}\`\`\``;
}
