/** What operations take: everything else is refused before the host is asked. */
import { expect, test } from "vitest";
import { CASES, PUBLIC_KEY } from "./cases.ts";
import { openOperating } from "./operate.ts";

const LONG = "a".repeat(64);
const INJECTED = ["local-lvm:1,size=1", "a,b", "a b", "a\nb", "../a", "a;b", "", 7];

const BAD: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  start_vm: {
    vmid: [99, 1_000_000_000, -1, 100.5, "1e3", "100 ", " 100", "0x64", [100], {}, true],
    node: ["", "pve_1", "pve1/../x", "pve.1", LONG, "pve 1", 1],
    dry_run: ["true", 1, "yes"],
    timeout: [0, 3601, -1, 1.5, "long"],
    force: [true],
    skiplock: [1],
  },
  create_snapshot: {
    snapshot: [
      "a",
      "current",
      "CURRENT",
      "pending",
      "1a",
      "-a",
      "a b",
      "a/b",
      "ä1",
      "a".repeat(41),
      12,
    ],
    description: ["", "a".repeat(4097), 5],
    with_memory: ["yes", 1],
  },
  rollback_snapshot: { start: ["yes"], confirm: [1, "a".repeat(256)], snapshot: ["current"] },
  delete_vm: { purge: ["yes", 1], confirm: [108], destroy_unreferenced_disks: [true] },
  clone_vm: {
    new_vmid: [99, 1_000_000_000],
    name: ["-a", "a-", "a_b", "a.b", LONG, "", ...INJECTED],
    full: ["no", 0],
    storage: ["a", "1a", ...INJECTED],
    target_node: ["a.b", "", LONG],
    pool: ["-a", "a//b", "a/b/c/d", ...INJECTED],
  },
  create_vm: {
    vmid: [99, 1_000_000_000],
    node: [undefined, "a.b"],
    name: [undefined, "a_b", "-a"],
    cores: [0, 513, 1.5],
    sockets: [0, 5],
    memory_mib: [15, 4_194_305, "2G"],
    storage: [undefined, ...INJECTED],
    disk_gib: [undefined, 0, 65_537, "32G"],
    iso: [
      "debian.iso",
      "local:debian.iso",
      "local:iso/debian",
      "local:iso/../x.iso",
      "local:iso/a,media=disk.iso",
      "local:iso/a b.iso",
      "/etc/passwd",
      "local:vztmpl/x.tar.gz",
    ],
    bridge: ["1br", "vmbr0,tag=5", "a".repeat(16), "vmbr0 ", ""],
    vlan: [0, 4095],
    os_type: ["linux", "L26", ""],
    guest_agent: ["yes"],
    args: ["-device x"],
    hookscript: ["local:snippets/x"],
    password: ["example"],
  },
  create_container: {
    hostname: [undefined, "a_b", "a.b"],
    template: [undefined, "local:iso/x.iso", "local:vztmpl/../x.tar.gz", "local:vztmpl/x.zip"],
    memory_mib: [15],
    swap_mib: [-1],
    ip: ["192.0.2.10", "192.0.2.256/24", "192.0.2.1/33", "dhcp,gw=192.0.2.1", "manual", ""],
    gateway: ["192.0.2.0/24", "gateway", "192.0.2.1,ip6=auto"],
    unprivileged: ["no", 0],
    ssh_public_keys: [
      PUBLIC_KEY,
      ["example"],
      [`command="reboot" ${PUBLIC_KEY}`],
      [`${PUBLIC_KEY}\n${PUBLIC_KEY}`],
      ["-----BEGIN OPENSSH PRIVATE KEY-----"],
      Array.from({ length: 51 }, () => PUBLIC_KEY),
    ],
    password: ["example-password"],
    mp0: ["/,mp=/host"],
  },
};

const REFUSED = Object.entries(BAD).flatMap(([name, faults]) =>
  Object.entries(faults).map(([argument, values]) => [name, argument, values] as const),
);

test.each(REFUSED)("%s: %s", async (name, argument, values) => {
  const { refusal, simulator } = await openOperating();
  const known = ["force", "skiplock", "args", "hookscript", "password", "mp0"];
  for (const value of values) {
    const error = await refusal(name, { ...CASES[name]?.args, [argument]: value });
    expect(error.code, JSON.stringify(value)).toBe("USAGE");
    const isUnknown = known.includes(argument) || argument === "destroy_unreferenced_disks";
    expect(error.message).toContain(
      isUnknown
        ? `unknown argument ${argument}`
        : `${argument} is ${value === undefined ? "missing" : "not"}`,
    );
  }
  expect(simulator.state.listings).toBe(0);
});

test("no tool takes a password, and create_container says why", async () => {
  const { client } = await openOperating();
  const { tools } = await client.listTools();
  for (const { name, inputSchema } of tools) {
    expect(Object.keys(inputSchema.properties ?? {}).join(), name).not.toMatch(/password|secret/);
  }
  const tool = tools.find(({ name }) => name === "create_container");
  expect(tool?.description).toMatch(
    /No password can be set, since it would pass through the model/,
  );
});

test.each<[string, Record<string, unknown>]>([
  ["create_snapshot", { snapshot: "a1", vmid: 200 }],
  ["create_snapshot", { snapshot: "a".repeat(40), vmid: "200" }],
  ["create_vm", { ...CASES["create_vm"]?.args, name: "a".repeat(63), memory_mib: 16, disk_gib: 1 }],
  ["create_vm", { ...CASES["create_vm"]?.args, vmid: 999_999_999, iso: null, vlan: 4094 }],
  [
    "create_container",
    { ...CASES["create_container"]?.args, ip: "dhcp", gateway: null, swap_mib: 0 },
  ],
])("%s takes what is just within its limits: %j", async (name, args) => {
  const { operate } = await openOperating();
  expect(await operate(name, args)).toMatchObject({ done: true });
});
