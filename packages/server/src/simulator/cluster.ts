/** The cluster as a whole. */
import { guestFigures, isManaged, isRunning } from "./guest.ts";
import { nodeFigures } from "./nodes.ts";
import { oneOf, optional, vmid } from "./parameters.ts";
import { visible } from "./permissions.ts";
import { invalid } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import type { ClusterNode, Guest, NodeStorage, State } from "./state.ts";

const AUDIT = needs("/", "Sys.Audit");

export const CLUSTER_ROUTES: readonly Route[] = [
  route("GET", "/cluster/status", AUDIT, {}, ({ state }) => statusOf(state)),
  route(
    "GET",
    "/cluster/resources",
    "all",
    { type: optional(oneOf("vm", "storage", "node", "sdn")) },
    ({ state, userid, values: { type } }) => {
      const wanted = (kind: string) => type === undefined || type === kind;
      const { access, nodes, guests, storages } = state;
      const maySeeGuest = visible(access, userid, "/vms", "VM.Audit");
      const mayAuditNode = visible(access, userid, "/nodes", "Sys.Audit");
      const maySeeStorage = visible(access, userid, "/storage", "Datastore.Audit");
      const resources = [
        ...(wanted("vm") ? [...guests.values()] : [])
          .filter(({ vmid }) => maySeeGuest(vmid))
          .map((guest) => guestResource(state, guest)),
        ...(wanted("node") ? nodes : []).map((node) =>
          nodeResource(state, node, mayAuditNode(node.name)),
        ),
        ...(wanted("storage") ? storages : [])
          .filter(({ storage }) => maySeeStorage(storage))
          .map((storage) => storageResource(state, storage)),
      ];
      if (wanted("vm")) moveGuests(state);
      return resources;
    },
  ),
  route("GET", "/cluster/nextid", "all", { vmid: optional(vmid()) }, ({ state, values }) =>
    String(freeId(state, values.vmid)),
  ),
  route("GET", "/cluster/ha/status/current", AUDIT, {}, ({ state }) => highAvailability(state)),
  route("GET", "/cluster/backup-info/not-backed-up", "all", {}, ({ state, userid }) => {
    const maySee = visible(state.access, userid, "/vms", "VM.Audit");
    return [...state.guests.values()]
      .filter(({ vmid, backedUp, template }) => maySee(vmid) && !backedUp && !template)
      .map(({ vmid, kind: type, name }) => ({
        vmid,
        type,
        ...(name === undefined ? {} : { name }),
      }));
  }),
  route("GET", "/cluster/firewall/options", AUDIT, {}, () => ({
    enable: 0,
    policy_in: "DROP",
    digest: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  })),
];

function freeId({ guests }: State, wanted: number | undefined): number {
  if (wanted !== undefined && guests.has(wanted)) {
    throw invalid({ vmid: `VM ${wanted} already exists` });
  }
  let id = wanted ?? 100;
  while (guests.has(id)) id += 1;
  return id;
}

function statusOf({ name, nodes }: State): readonly object[] {
  const quorate = nodes.filter(({ online }) => online).length * 2 > nodes.length;
  return [
    { id: "cluster", type: "cluster", name, version: 3, nodes: nodes.length, quorate: +quorate },
    ...nodes.map((node, index) => ({
      id: `node/${node.name}`,
      type: "node",
      name: node.name,
      nodeid: node.nodeid,
      ip: node.ip,
      online: +node.online,
      local: +(index === 0),
      level: "",
    })),
  ];
}

function isOnline({ nodes }: State, name: string): boolean {
  return nodes.some((node) => node.name === name && node.online);
}

// Nothing but its place is known of a guest whose node is down.
function guestResource(state: State, guest: Guest): object {
  const { kind: type, vmid, node, cores: maxcpu } = guest;
  const place = { id: `${type}/${vmid}`, type, vmid, node, template: +guest.template };
  if (!isOnline(state, node)) return { ...place, status: "unknown" };
  return Object.assign(place, { maxcpu }, guestFigures(state, guest));
}

function nodeResource(state: State, node: ClusterNode, mayAudit: boolean): object {
  const { name } = node;
  const figures = nodeFigures(state, node, mayAudit);
  return { id: `node/${name}`, type: "node", node: name, "cgroup-mode": 2, ...figures };
}

function storageResource(state: State, resource: NodeStorage): object {
  const { storage, node, type, content, shared, active, total, used } = resource;
  const known = { id: `storage/${node}/${storage}`, type: "storage", storage, node };
  const about = { ...known, plugintype: type, content, shared: +shared };
  if (!active || !isOnline(state, node)) return { ...about, status: "unknown" };
  return { ...about, status: "available", disk: used, maxdisk: total };
}

// Away with the first look, and back with the third: who looks again finds it, who remembers does not.
function moveGuests(state: State): void {
  state.listings += 1;
  if (state.listings % 2 === 0) return;
  const away = state.listings % 4 === 1;
  for (const guest of state.guests.values()) {
    if (guest.movesTo === undefined) continue;
    guest.node = away ? guest.movesTo : guest.home;
  }
}

function highAvailability(state: State): readonly object[] {
  const master = state.nodes.find(({ online }) => online)?.name ?? "";
  return [
    { id: "quorum", type: "quorum", node: master, status: "OK", quorate: 1 },
    { id: "master", type: "master", node: master, status: `${master} (active)` },
    ...state.nodes.map(({ name, online }) => ({
      id: `lrm:${name}`,
      type: "lrm",
      node: name,
      status: `${name} (${online ? "active" : "old timestamp - dead?"})`,
    })),
    ...[...state.guests.values()].filter(isManaged).map((guest) => {
      const sid = `${guest.kind === "qemu" ? "vm" : "ct"}:${guest.vmid}`;
      const service = isRunning(guest) ? "started" : "stopped";
      return {
        id: `service:${sid}`,
        type: "service",
        sid,
        node: guest.node,
        state: service,
        request_state: service,
        status: `${sid} (${guest.node}, ${service})`,
      };
    }),
  ];
}
