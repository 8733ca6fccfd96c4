/** What the token may not do: the refusal names the privilege, and nothing is changed. */
import { expect, test } from "vitest";
import { CASES } from "./cases.ts";
import { openOperating } from "./operate.ts";

/** Reads everything, and no more. */
const READER = {
  user: "root@pam",
  tokenName: "mcp",
  tokenValue: "11111111-1111-1111-1111-111111111111",
};

const NEEDED: Readonly<Record<string, RegExp>> = {
  create_snapshot: /lacks VM\.Snapshot on \/vms\/200$/,
  rollback_snapshot: /lacks VM\.Snapshot or VM\.Snapshot\.Rollback on \/vms\/100$/,
  delete_snapshot: /lacks VM\.Snapshot on \/vms\/100$/,
  clone_vm: /lacks VM\.Clone on \/vms\/900$/,
  create_vm: /refuses POST \/nodes\/\{node\}\/qemu to .*: Permission check failed$/,
  delete_vm: /lacks VM\.Allocate on \/vms\/108$/,
  create_container: /refuses POST \/nodes\/\{node\}\/lxc to .*: Permission check failed$/,
  delete_container: /lacks VM\.Allocate on \/vms\/202$/,
};

test.each(Object.entries(CASES))("%s names the privilege that it needs", async (name, { args }) => {
  const { call, simulator } = await openOperating({ token: READER });
  const before = simulator.state.tasks.size;
  const { error } = await call(name, args);
  expect(error.code).toBe("PROXMOX_FORBIDDEN");
  expect(error.message).toMatch(NEEDED[name] ?? /lacks VM\.PowerMgmt on \/vms\/\d+$/);
  if (name.startsWith("create_") && name !== "create_snapshot") {
    expect(error.hint).toMatch(/^it needs VM\.Allocate on \/vms\/1\d\d and VM\.Config\./);
    expect(error.hint).toContain("SDN.Use on /sdn/zones/localnetwork");
  }
  expect(simulator.state.tasks.size).toBe(before);
});

test("a dry run needs no more than reading does", async () => {
  const { operate } = await openOperating({ token: READER });
  for (const [name, { args }] of Object.entries(CASES)) {
    expect(await operate(name, { ...args, dry_run: true })).toMatchObject({ done: false });
  }
});
