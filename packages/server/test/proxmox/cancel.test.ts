import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, data, failureOf, startHost } from "./host.ts";

/** Something that a test waits for. */
function signalled(): { readonly happened: Promise<void>; readonly happen: () => void } {
  let happen = (): void => undefined;
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

describe("cancelling", () => {
  it("reaches the request: the host sees the connection close", async () => {
    const arrived = signalled();
    const closed = signalled();
    const host = await startHost((_, __, socket) => {
      socket.once("close", closed.happen);
      arrived.happen();
    });
    const caller = new AbortController();
    const failure = failureOf(clientOf(host).call(VERSION, { values: {}, signal: caller.signal }));
    await arrived.happened;
    caller.abort();
    expect(await failure).toMatchObject({ code: "CANCELLED" });
    await closed.happened;
  });

  it("reaches a body that is being read", async () => {
    const closed = signalled();
    const caller = new AbortController();
    const host = await startHost((_, response, socket) => {
      socket.once("close", closed.happen);
      response.writeHead(200, { "content-length": 1000 }).write("{", () => caller.abort());
    });
    const call = clientOf(host).call(VERSION, { values: {}, signal: caller.signal });
    expect((await failureOf(call)).code).toBe("CANCELLED");
    await closed.happened;
  });

  it("before the call sends nothing", async () => {
    const host = await startHost(data(1));
    const call = clientOf(host).call(VERSION, { values: {}, signal: AbortSignal.abort() });
    expect((await failureOf(call)).code).toBe("CANCELLED");
    expect(host.seen).toHaveLength(0);
  });

  it("ends the wait before another attempt", async () => {
    const host = await startHost((_, response) => response.writeHead(595, "No route").end());
    const client = clientOf(host, { retry: { attempts: 5, delay: 20_000 } });
    const caller = new AbortController();
    const failure = failureOf(client.call(VERSION, { values: {}, signal: caller.signal }));
    while (host.seen.length === 0) await setImmediate();
    caller.abort();
    expect((await failure).code).toBe("CANCELLED");
    expect(host.seen).toHaveLength(1);
  });

  it("leaves no listener on the caller's signal", async () => {
    const host = await startHost(data(1));
    const client = clientOf(host);
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let index = 0; index < 20; index++) await client.call(VERSION, { values: {}, signal });
    expect(listeners).toBe(0);
  });
});

describe("closing", () => {
  it("waits for the calls that run, and takes no more", async () => {
    const arrived = signalled();
    const release = signalled();
    const host = await startHost(async (_, response) => {
      arrived.happen();
      await release.happened;
      response.end('{"data":"done"}');
    });
    const client = clientOf(host);
    const call = client.call(VERSION, { values: {} });
    await arrived.happened;
    const closed = client.close();
    const refused = await failureOf(client.call(VERSION, { values: {} }));
    expect(refused).toMatchObject({
      code: "CANCELLED",
      hint: expect.stringContaining("call again"),
    });
    release.happen();
    expect(await call).toBe("done");
    await closed;
    expect(host.seen).toHaveLength(1);
  });

  it("by force ends the calls that run", async () => {
    const arrived = signalled();
    const host = await startHost(arrived.happen);
    const client = clientOf(host);
    const failure = failureOf(client.call(VERSION, { values: {} }));
    await arrived.happened;
    await client.destroy();
    expect((await failure).code).toBe("CANCELLED");
  });

  it("by force ends an answer that is being read", async () => {
    const arrived = signalled();
    const host = await startHost((_, response) => {
      response.writeHead(200, { "content-length": 1000 }).write("{", arrived.happen);
    });
    const client = clientOf(host);
    const failure = failureOf(client.call(VERSION, { values: {} }));
    await arrived.happened;
    await client.destroy();
    expect((await failure).code).toBe("CANCELLED");
  });

  it("leaves no connection behind", async () => {
    const host = await startHost(data(1));
    const client = clientOf(host);
    await client.call(VERSION, { values: {} });
    await client.close();
    const closed = once(host.server, "close");
    host.server.close();
    await closed;
  });
});
