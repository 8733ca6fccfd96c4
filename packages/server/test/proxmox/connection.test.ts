import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { openClient } from "../../src/proxmox/client.ts";
import { connectionFailure } from "../../src/proxmox/connection-failure.ts";
import { AGENT_EXEC, VERSION } from "../../src/proxmox/endpoints.ts";
import { authority, originOf } from "../../src/proxmox/target.ts";
import { selfSigned } from "./certificates.ts";
import { clientOf, data, failureOf, type Host, startHost, TOKEN } from "./host.ts";

/** A port on loopback on which this does what it will with each connection. */
async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function clientAt(port: number, host = "127.0.0.1", timeout = 30_000) {
  const client = openClient({
    target: { host, port },
    credentials: TOKEN,
    retry: { attempts: 0, delay: 1 },
    timeout,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A host behind TLS that writes bytes as they are, once a request has come. */
async function rawHost(
  respond: (socket: Socket) => void,
): Promise<Pick<Host, "port" | "identity">> {
  const identity = await selfSigned();
  const server = createTlsServer({ cert: identity.cert, key: identity.key }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => respond(socket));
  });
  return { port: await listen(server), identity };
}

async function rawFailure(respond: (socket: Socket) => void, timeout = 30_000) {
  const client = clientOf(await rawHost(respond), { timeout });
  return await failureOf(client.call(VERSION, { values: {} }));
}

describe("a host out of reach", () => {
  it("refuses the connection: check the port", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, "close");
    expect(await failureOf(clientAt(port).call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_UNREACHABLE",
      message: `cannot reach 127.0.0.1:${port}: the connection was refused`,
      hint: expect.stringContaining("port (8006)"),
    });
  });

  it("has a name that nobody knows: check name resolution", async () => {
    // Longer than a label may be: no name server is asked, so nothing depends on one.
    const host = `${"x".repeat(64)}.invalid`;
    const client = clientAt(8006, host);
    expect(await failureOf(client.call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_UNREACHABLE",
      message: expect.stringMatching(/^cannot reach x+\.invalid:8006: its name /),
      hint: expect.stringContaining("name resolution"),
    });
  });

  it.each([
    ["ENOTFOUND", /name is not known/, /name resolution/],
    ["EAI_AGAIN", /could not be resolved/, /name server/],
    ["EHOSTUNREACH", /no route/, /firewall/],
    ["ENETUNREACH", /no route/, /firewall/],
    ["ETIMEDOUT", /timed out/, /firewall/],
    ["ECONNRESET", /broken off/, /pveproxy/],
    ["ESOMETHING", /ESOMETHING/, /firewall/],
    ["toString", /toString/, /firewall/],
  ])("is told by the system: %s", (code, message, hint) => {
    const error = connectionFailure(Object.assign(new Error("x"), { code }), "pve:8006", 1000);
    expect(error.code).toBe("PROXMOX_UNREACHABLE");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

describe("a host that answers badly", () => {
  it("breaks off", async () => {
    expect(await rawFailure((socket) => socket.destroy())).toMatchObject({
      code: "PROXMOX_UNREACHABLE",
      message: expect.stringMatching(/the connection was broken off$/),
    });
  });

  it("ends within its own body", async () => {
    const failure = await rawFailure((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data":['),
    );
    expect(failure.code).toBe("PROXMOX_UNREACHABLE");
  });

  it("does not speak HTTP", async () => {
    const failure = await rawFailure((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(failure).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: expect.stringMatching(/sends what is not HTTP$/),
      hint: expect.stringContaining("8006"),
    });
  });

  it("sends twenty megabytes", async () => {
    const host = await startHost((_, response) => {
      response.on("error", () => undefined);
      response.end(JSON.stringify({ data: "x".repeat(20 * 1024 * 1024) }));
    });
    expect(await failureOf(clientOf(host).call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: expect.stringMatching(/sends more than an answer may hold$/),
    });
  });

  it("is believed up to ten thousand guests", async () => {
    const guest = {
      type: "qemu",
      node: "pve1",
      status: "running",
      name: "x".repeat(63),
      tags: "y".repeat(300),
    };
    const guests = Array.from({ length: 10_000 }, (_, vmid) => ({ ...guest, vmid }));
    const host = await startHost(data(guests));
    expect(await clientOf(host).call(VERSION, { values: {} })).toHaveLength(10_000);
  });

  it("never sends more than the head of its answer", async () => {
    const failure = await rawFailure(
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"),
      200,
    );
    expect(failure.code).toBe("PROXMOX_TIMEOUT");
  });

  it("drips for ever", async () => {
    const failure = await rawFailure((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
      const drip = setInterval(() => socket.write(" "), 5);
      socket.on("close", () => clearInterval(drip));
    }, 200);
    expect(failure.code).toBe("PROXMOX_TIMEOUT");
  });

  it("never answers: the message names host, port and time", async () => {
    const host = await startHost(() => undefined);
    const failure = await failureOf(clientOf(host, { timeout: 200 }).call(VERSION, { values: {} }));
    expect(failure).toMatchObject({
      code: "PROXMOX_TIMEOUT",
      message: `127.0.0.1:${host.port} did not answer within 0.2 s`,
      hint: expect.stringContaining("proxmox.timeout"),
    });
  });

  it("accepts connections and never shows a certificate", async () => {
    const sockets: Socket[] = [];
    const port = await listen(createServer((socket) => sockets.push(socket)));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    const client = clientAt(port, "127.0.0.1", 200);
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe("PROXMOX_TIMEOUT");
  });

  it("speaks plain HTTP, and never sees the token", async () => {
    let asked = 0;
    const server = createPlainServer(() => {
      asked += 1;
    });
    const port = await listen(server);
    expect(await failureOf(clientAt(port).call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_TLS",
      hint: expect.stringContaining("8006"),
    });
    expect(asked).toBe(0);
  });

  it("says of a command that it may have been carried out", async () => {
    const client = clientOf(await rawHost((socket) => socket.destroy()));
    const call = client.call(AGENT_EXEC, {
      values: { node: "pve1", vmid: 100 },
      parameters: { command: ["reboot"] },
    });
    expect(await failureOf(call)).toMatchObject({
      code: "PROXMOX_UNREACHABLE",
      hint: expect.stringMatching(/^the call may have been carried out/),
    });
  });
});

describe("the host's name", () => {
  it("has brackets where it is an IPv6 address", async () => {
    expect(authority({ host: "fd00::1", port: 8006 })).toBe("[fd00::1]:8006");
    expect(authority({ host: "[fd00::1]", port: 8006 })).toBe("[fd00::1]:8006");
    expect(originOf({ host: "fd00::1", port: 8006 })).toBe("https://[fd00::1]:8006");
    expect(originOf({ host: "pve.example", port: 443 })).toBe("https://pve.example");
  });

  it.each([
    "https://pve",
    "pve/api2",
    "user@pve",
    "pve:8006:1",
    "pve?x",
    "pve#",
    "a b",
    "",
    "pve\\x",
  ])("is refused as %j", (host) => {
    expect(() => originOf({ host, port: 8006 })).toThrow(ProxmoxMcpError);
  });
});
