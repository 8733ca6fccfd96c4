/** A host whose one node has the name that tells it from others. */
import { type Host, startHost } from "../proxmox/host.ts";

export interface NodesHost extends Host {
  /** From now on requests wait; @returns a function that has them answered. */
  hold(): () => void;
  /** Settles with the next request. */
  asked(): Promise<void>;
}

/** Starts a host that lists one node, whatever it is asked. */
export async function startNodesHost(node: string): Promise<NodesHost> {
  const body = JSON.stringify({ data: [{ node, status: "online", type: "node" }] });
  let gate: Promise<void> = Promise.resolve();
  let notice = (): void => {};
  const host = await startHost(async (_, response) => {
    notice();
    await gate;
    response.writeHead(200, "OK", { "content-type": "application/json" }).end(body);
  });
  return {
    ...host,
    hold() {
      let release = (): void => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    asked: () =>
      new Promise((resolve) => {
        notice = resolve;
      }),
  };
}
