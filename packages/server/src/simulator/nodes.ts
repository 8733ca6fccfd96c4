/** Nodes: their list, their state, their certificates. */
import { createHash } from "node:crypto";
import { nodeName } from "./parameters.ts";
import { visible } from "./permissions.ts";
import { needs, type Route, route } from "./route.ts";
import { type ClusterNode, type State, seconds } from "./state.ts";
import { RELEASE } from "./version.ts";

const NODE = { node: nodeName() };

export const NODE_ROUTES: readonly Route[] = [
  route("GET", "/nodes", "all", {}, ({ state, userid }) => {
    const mayAudit = visible(state.access, userid, "/nodes", "Sys.Audit");
    return state.nodes.map((node) => ({
      type: "node",
      node: node.name,
      id: `node/${node.name}`,
      ssl_fingerprint: fingerprintOf(node),
      ...nodeFigures(state, node, mayAudit(node.name)),
    }));
  }),
  route("GET", "/nodes/{node}/status", needs("/nodes/{node}", "Sys.Audit"), NODE, (call) =>
    statusOf(call.state, nodeNamed(call.state, call.values.node)),
  ),
  route("GET", "/nodes/{node}/certificates/info", "all", NODE, ({ state, values }) => {
    const node = nodeNamed(state, values.node);
    return [
      {
        filename: "pve-ssl.pem",
        fingerprint: fingerprintOf(node),
        subject: `/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN=${node.name}.example.com`,
        issuer: `/CN=Proxmox Virtual Environment/OU=example/O=${state.name}`,
        notbefore: node.certificateEndsAt - 730 * 86_400,
        notafter: node.certificateEndsAt,
        "public-key-type": "rsaEncryption",
        "public-key-bits": 2048,
        san: ["127.0.0.1", node.ip, node.name, `${node.name}.example.com`],
      },
    ];
  }),
];

/** The node of this name; whether there is one was found out before a route is called. */
function nodeNamed({ nodes }: State, name: string): ClusterNode {
  const node = nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new TypeError(`no node ${name}`);
  return node;
}

/** What lists tell of a node: little while it is down, or to who may not look at it. */
export function nodeFigures(
  state: State,
  { online, startedAt, load, cpus, memory, disk }: ClusterNode,
  mayAudit: boolean,
): Readonly<object> {
  if (!online) return { status: "offline" };
  if (!mayAudit) return { status: "online", level: "" };
  return {
    status: "online",
    uptime: seconds(state) - startedAt,
    cpu: load.cpu,
    maxcpu: cpus,
    mem: load.memory,
    maxmem: memory,
    disk: load.disk,
    maxdisk: disk,
    level: "",
  };
}

function statusOf(state: State, node: ClusterNode): object {
  const { cpus, memory, disk, load, startedAt } = node;
  const average = (load.cpu * cpus).toFixed(2);
  return {
    uptime: seconds(state) - startedAt,
    cpu: load.cpu,
    wait: 0.002,
    idle: 0,
    loadavg: [average, average, average],
    memory: {
      total: memory,
      used: load.memory,
      free: memory - load.memory,
      available: memory - load.memory,
    },
    swap: { total: 8_589_934_592, used: 0, free: 8_589_934_592 },
    rootfs: { total: disk, used: load.disk, free: disk - load.disk, avail: disk - load.disk },
    ksm: { shared: 0 },
    cpuinfo: {
      model: "Example CPU",
      mhz: "2600.000",
      hvm: "1",
      user_hz: 100,
      flags: "vmx",
      sockets: 1,
      cores: cpus / 2,
      cpus,
    },
    kversion: "Linux 6.17.2-1-pve #1 SMP PREEMPT_DYNAMIC",
    "current-kernel": { sysname: "Linux", release: "6.17.2-1-pve", machine: "x86_64" },
    "boot-info": { mode: "efi", secureboot: 1 },
    pveversion: `pve-manager/${RELEASE.version}/${RELEASE.repoid}`,
  };
}

// An example like all of a node: nobody can connect to it.
function fingerprintOf({ name }: ClusterNode): string {
  const digest = createHash("sha256").update(`example certificate of ${name}`).digest("hex");
  return (digest.toUpperCase().match(/../g) ?? []).join(":");
}
