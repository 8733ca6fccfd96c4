/** The connection: its certificate, its length, its encodings. */
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call } from "./exchange.ts";

const AUTHORIZATION =
  "Authorization: PVEAPIToken=root@pam!full=22222222-2222-2222-2222-222222222222";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ requestsPerConnection: 2, delays: { unauthorized: 0 } });
});
afterAll(() => simulator.stop());

async function open(servername?: string): Promise<TLSSocket> {
  const { host, port, certificate } = simulator;
  const names = servername === undefined ? {} : { servername };
  const socket = connect({ host, port, ca: certificate, ...names });
  await once(socket, "secureConnect");
  return socket;
}

/** Sends lines as they are. @returns all that comes until the other side closes. */
async function talk(...lines: readonly string[]): Promise<Buffer> {
  const socket = await open();
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write([...lines, "", ""].join("\r\n"));
  await once(socket, "close");
  return Buffer.concat(chunks);
}

describe("the certificate", () => {
  test.each([undefined, "localhost"])("is verified by itself, for %s", async (servername) => {
    const socket = await open(servername);
    expect(socket.authorized).toBe(true);
    expect(socket.getPeerCertificate().fingerprint256).toBe(simulator.fingerprint);
    expect(simulator.fingerprint).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(socket.getPeerCertificate().subjectaltname).toBe(
      "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost",
    );
    socket.destroy();
  });

  test("is refused by who was not given it", async () => {
    const { host, port } = simulator;
    const socket = connect({ host, port });
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  test("differs from start to start, unless it is handed on with its port", async () => {
    const first = await startSimulator();
    await first.stop();
    const { identity, port } = first;
    const second = await startSimulator({ identity, port });
    expect(second).toMatchObject({ port, fingerprint: first.fingerprint });
    expect((await call(second, "GET", "/version")).status).toBe(200);
    await second.stop();
    const third = await startSimulator();
    expect(third.fingerprint).not.toBe(first.fingerprint);
    await third.stop();
  });
});

describe("a connection", () => {
  const get = ["GET /api2/json/version HTTP/1.1", "Host: localhost", AUTHORIZATION];

  test("carries as many requests as it may", async () => {
    const answers = (await talk(...get, "", ...get)).toString();
    expect(answers.match(/^Connection: .*$/gm)).toEqual([
      "Connection: Keep-Alive",
      "Connection: close",
    ]);
  });

  test("is closed by every refusal", async () => {
    const answer = (
      await talk("GET /api2/json/nope HTTP/1.1", "Host: localhost", AUTHORIZATION)
    ).toString();
    expect(answer).toContain("Connection: close");
  });

  test("is compressed where that is asked for", async () => {
    const answer = await talk(
      "GET /api2/json/cluster/resources HTTP/1.1",
      "Host: localhost",
      AUTHORIZATION,
      "Accept-Encoding: gzip",
      "Connection: close",
    );
    const end = answer.indexOf("\r\n\r\n");
    expect(answer.subarray(0, end).toString()).toContain("Content-Encoding: gzip");
    expect(JSON.parse(gunzipSync(answer.subarray(end + 4)).toString()).data.length).toBeGreaterThan(
      14,
    );
  });

  test.each([
    [
      [
        "POST /api2/json/access/ticket HTTP/1.1",
        "Host: localhost",
        "Transfer-Encoding: chunked",
        "",
        "0",
      ],
      "501 chunked transfer encoding not supported",
    ],
    [
      ["PATCH /api2/json/version HTTP/1.1", "Host: localhost", AUTHORIZATION],
      "501 method 'PATCH' not available",
    ],
    [["GET /api2/ HTTP/1.1", "Host: localhost", AUTHORIZATION], "501 no such uri"],
    [
      ["GET /api2/json/%E2%82%AC%07 HTTP/1.1", "Host: localhost", AUTHORIZATION],
      "501 Method 'GET /\u20ac ' not implemented",
    ],
    [
      ["GET /index.html HTTP/1.1", "Host: localhost", AUTHORIZATION],
      "501 no such file '/index.html'",
    ],
  ])("%j is refused with %s", async (lines, status) => {
    expect((await talk(...lines)).toString().split("\r\n", 1)[0]).toBe(`HTTP/1.1 ${status}`);
  });
});
