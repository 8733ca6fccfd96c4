import { describe, expect, it } from "vitest";
import { AGENT_PING, VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, failureOf, type Handler, startHost } from "./host.ts";

const RETRY = { retry: { attempts: 3, delay: 1 } };

/** Fails so many times before it answers. */
function recovering(failures: number, fail: Handler): Handler {
  let left = failures;
  return (request, response, socket) => {
    left -= 1;
    if (left >= 0) return fail(request, response, socket);
    return response.end('{"data":"recovered"}');
  };
}

const unreachableNode: Handler = (_, response) => response.writeHead(595, "No route to host").end();
const breakOff: Handler = (_, __, socket) => socket.destroy();

describe("a call that reads", () => {
  it.each([
    ["the connection breaks off", breakOff],
    ["a node cannot be reached", unreachableNode],
  ])("is tried again where %s", async (_, fail) => {
    const host = await startHost(recovering(3, fail));
    expect(await clientOf(host, RETRY).call(VERSION, { values: {} })).toBe("recovered");
    expect(host.seen).toHaveLength(4);
  });

  it("is given up after so many times, with the last failure", async () => {
    const host = await startHost(unreachableNode);
    const failure = await failureOf(clientOf(host, RETRY).call(VERSION, { values: {} }));
    expect(failure.code).toBe("NODE_UNREACHABLE");
    expect(host.seen).toHaveLength(4);
  });

  it("is answered by a host that comes back on the same port", async () => {
    const first = await startHost((_, response) => response.end('{"data":1}'));
    const client = clientOf(first, { retry: { attempts: 1000, delay: 0 } });
    await client.call(VERSION, { values: {} });
    await first.stop();
    const call = client.call(VERSION, { values: {} });
    await startHost((_, response) => response.end('{"data":2}'), first.identity, first.port);
    expect(await call).toBe(2);
  });

  it.each([400, 401, 403, 404, 500, 501, 502])("is not tried again after %i", async (status) => {
    const host = await startHost((_, response) => response.writeHead(status, "no").end());
    await failureOf(clientOf(host, RETRY).call(VERSION, { values: {} }));
    expect(host.seen).toHaveLength(1);
  });

  it("is not tried again once there is no time for it", async () => {
    const host = await startHost(unreachableNode);
    const client = clientOf(host, { timeout: 10_000, retry: { attempts: 3, delay: 11_000 } });
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe("NODE_UNREACHABLE");
    expect(host.seen).toHaveLength(1);
  });
});

describe("a call that changes something", () => {
  it.each([
    ["the connection breaks off", breakOff],
    ["a node cannot be reached", unreachableNode],
  ])("is never tried again, though %s", async (_, fail) => {
    const host = await startHost(recovering(1, fail));
    const client = clientOf(host, RETRY);
    await failureOf(client.call(AGENT_PING, { values: { node: "pve1", vmid: 100 } }));
    expect(host.seen).toHaveLength(1);
  });
});
