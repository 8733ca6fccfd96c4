import { expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import { ERAS, openSession } from "./session.ts";

const POLICY = { exec: { allow: ["uptime"], shell: false, timeout: 30, max_output: 65_536 } };

// Those that change something have tests of their own: test/operations.
const READING = TOOLS.filter(
  ({ mode, effect }) => mode === "read-only" || effect === "run-command",
);

test.each(ERAS)("%s: every tool answers a real client, which checks its schema", async (era) => {
  const { client, call, simulator } = await openSession({ era, policy: POLICY });
  expect(client.getNegotiatedProtocolVersion()).toBe(era);
  expect(client.getServerVersion()?.name).toBe("proxmox-mcp-server");
  expect(client.getInstructions()).toContain("Proxmox");
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(READING.map(({ name }) => name));
  const [upid = ""] = simulator.state.tasks.keys();
  const given: Record<string, unknown> = {
    node: "pve1",
    vmid: 100,
    command: "uptime",
    storage: "local",
    upid,
  };
  for (const tool of tools) {
    const isContainer = tool.name.startsWith("get_container_");
    const names = tool.inputSchema.required ?? [];
    const args = Object.fromEntries(names.map((name) => [name, given[name]]));
    const outcome = await call(tool.name, isContainer ? { vmid: 200 } : args);
    expect(outcome, tool.name).toMatchObject({ isError: false, data: expect.any(Object) });
    expect(outcome.text.length, tool.name).toBeGreaterThan(10);
  }
});
