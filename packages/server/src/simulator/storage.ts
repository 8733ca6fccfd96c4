/** Storages as the nodes see them, and what they hold. */
import { nodeName, optional, type Parameter, storageId, text, vmid } from "./parameters.ts";
import { visible } from "./permissions.ts";
import { failed } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import type { NodeStorage, State } from "./state.ts";

const PRIVILEGES = ["Datastore.Audit", "Datastore.AllocateSpace"] as const;
const ON_STORAGE = needs("/storage/{storage}", ...PRIVILEGES);

const STORAGE: { readonly node: Parameter<string>; readonly storage: Parameter<string> } = {
  node: nodeName(),
  storage: storageId(),
};

export const STORAGE_ROUTES: readonly Route[] = [
  route("GET", "/nodes/{node}/storage", "all", { node: nodeName() }, (call) => {
    const { state, userid, values } = call;
    const maySee = visible(state.access, userid, "/storage", ...PRIVILEGES);
    return state.storages
      .filter(({ node, storage }) => node === values.node && maySee(storage))
      .map((storage) => ({ storage: storage.storage, ...statusOf(storage) }));
  }),
  route("GET", "/nodes/{node}/storage/{storage}/status", ON_STORAGE, STORAGE, ({ state, values }) =>
    statusOf(storageOn(state, values)),
  ),
  route(
    "GET",
    "/nodes/{node}/storage/{storage}/content",
    ON_STORAGE,
    { ...STORAGE, content: optional(text()), vmid: optional(vmid()) },
    ({ state, values }) => {
      const storage = storageOn(state, values);
      if (!storage.active) throw failed(`storage '${storage.storage}' is not online`);
      return storage.volumes
        .filter(({ content }) => values.content === undefined || content === values.content)
        .filter((volume) => values.vmid === undefined || volume.vmid === values.vmid)
        .map(({ vmid: owner, ...volume }) =>
          owner === undefined ? volume : { ...volume, vmid: owner },
        );
    },
  ),
];

/**
 * A storage of a node.
 *
 * @throws Refusal where there is none of this name, or not on this node.
 */
export function storageOn(
  { storages }: State,
  { node, storage }: { readonly node: string; readonly storage: string },
): NodeStorage {
  const all = storages.filter((candidate) => candidate.storage === storage);
  if (all.length === 0) throw failed(`storage '${storage}' does not exist`);
  const found = all.find((candidate) => candidate.node === node);
  if (found !== undefined) return found;
  throw failed(`storage '${storage}' is not available on node '${node}'`);
}

function statusOf({ type, content, shared, active, total, used }: NodeStorage): object {
  const size = active
    ? { total, used, avail: total - used, used_fraction: used / total }
    : { total: 0, used: 0, avail: 0 };
  return { type, content, shared: shared ? 1 : 0, enabled: 1, active: active ? 1 : 0, ...size };
}
