/** Clients that go away, in the middle of anything: nothing runs on, and nothing is kept. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { beforeEach, expect, test } from "vitest";
import {
  type AbusedServer,
  CALL,
  JSON_HEADERS,
  RIGHT_KEY,
  startAbused,
  UNLIMITED,
  wirePost,
  wireRequest,
} from "./abused-server.ts";

const VERSION = "2026-07-28";
const LISTEN = wirePost(
  JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "subscriptions/listen",
    params: {
      notifications: { toolsListChanged: true },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  }),
  [`Mcp-Protocol-Version: ${VERSION}`, "Mcp-Method: subscriptions/listen"],
);
const HALF_BODY = wireRequest("POST /api/mcp", {
  headers: [`Authorization: Bearer ${RIGHT_KEY}`, ...JSON_HEADERS, "Content-Length: 1000"],
  body: CALL,
});

let server: AbusedServer;
/** How many files and sockets the server has open when nobody is connected. */
let idle: number;

beforeEach(async () => {
  server = await startAbused({ http: UNLIMITED });
  // Whatever is opened once is open.
  await leave([await begin(wirePost(CALL), "first")]);
  idle = await expectNobody();
});

/** Waits until the server holds no connection of a client. @returns how many files it has open. */
async function expectNobody(): Promise<number> {
  let descriptors = 0;
  const sockets = async (): Promise<number> => {
    const held = await server.held();
    descriptors = held.descriptors;
    return held.resources["TCPSocketWrap"] ?? 0;
  };
  await expect.poll(sockets, { timeout: 60_000, interval: 50 }).toBe(0);
  return descriptors;
}

/** Says something, and waits for a word of the answer, or for nothing. */
async function begin(text: string, word?: string): Promise<Socket> {
  const socket = server.open();
  await once(socket, "connect");
  let read = "";
  const answered = new Promise<void>((resolve, reject) => {
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      read += chunk;
      server.heard(chunk);
      if (word !== undefined && read.includes(word)) resolve();
    });
    socket.once("close", () => reject(new Error(`closed after ${read.slice(0, 2000)}`)));
  });
  if (word === undefined) answered.catch(() => {});
  await new Promise<void>((resolve) => socket.write(text, "latin1", () => resolve()));
  if (word !== undefined) await answered;
  return socket;
}

async function leave(sockets: readonly Socket[], isRude = false): Promise<void> {
  const closed = sockets
    .filter((socket) => !socket.closed)
    .map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (const socket of sockets) isRude ? socket.resetAndDestroy() : socket.destroy();
  await Promise.all(closed);
}

/** Waits until the server holds what it did. */
async function expectNothingHeld(warnings = 0): Promise<void> {
  // The connection to the host may be one of those, and is closed after a while. What is being closed has its
  // file open for a moment longer; what is kept has it open for ever.
  await expect.poll(expectNobody, { timeout: 60_000 }).toBeLessThanOrEqual(idle);
  const { status } = await server.fetch("/livez", { headers: { connection: "close" } });
  expect(status).toBe(200);
  const grave = server.serving
    .log()
    .filter(({ level }) => level === "warn" || level === "error" || level === "fatal");
  expect(grave).toHaveLength(warnings);
  server.searched();
}

const times = (count: number): readonly undefined[] => Array.from({ length: count });

test.each([
  ["before a word", ""],
  ["in the middle of headers", "POST /api/mcp HTTP/1.1\r\nHost: local"],
  ["in the middle of a body", HALF_BODY],
  ["right behind a call", wirePost(CALL)],
  [
    "right behind a call of nobody",
    wireRequest("POST /api/mcp", { headers: ["Content-Length: 9"] }),
  ],
  ["right behind ten requests", wireRequest("GET /livez").repeat(10)],
])("a thousand that leave %s", async (_, text) => {
  for (let round = 0; round < 20; round += 1) {
    const sockets = await Promise.all(times(50).map(() => begin(text)));
    await leave(sockets, round % 2 === 0);
  }
  await expectNothingHeld();
});

test("in the middle of calls: each is ended at the host, and recorded as such", async () => {
  const release = server.host.hold();
  // The head of an answer comes as soon as its call is taken.
  const sockets = await Promise.all(times(50).map(() => begin(wirePost(CALL), "200 OK")));
  const asked = server.host.seen.length;
  await leave(sockets);
  const outcomes = () =>
    server.audit().filter(({ event, outcome }) => event === "end" && outcome === "CANCELLED");
  await expect.poll(() => outcomes().length, { timeout: 60_000 }).toBe(50);
  const connections = () =>
    new Promise<number>((resolve) =>
      server.host.server.getConnections((_, count) => resolve(count)),
    );
  await expect.poll(connections, { timeout: 60_000 }).toBe(0);
  // Those that had to wait for a connection to the host never got there.
  expect(server.host.seen.length - asked).toBe(0);
  release();
  // The one connection to the host that stays open between calls was ended with its call.
  await leave([await begin(wirePost(CALL), "first")]);
  await expectNothingHeld();
  process.stdout.write("50 calls whose clients left, 50 ended at the host\n");
});

test("in the middle of streams, up to as many as there may be", async () => {
  const sockets: Socket[] = [];
  for (let round = 0; round < 8; round += 1) {
    sockets.push(...(await Promise.all(times(128).map(() => begin(LISTEN, "acknowledged")))));
  }
  const beyond = await begin(LISTEN, "error");
  await leave([beyond]);
  // Others are served meanwhile.
  await leave([await begin(wirePost(CALL), "first")]);
  await leave(sockets, true);
  await leave([await begin(LISTEN, "acknowledged")]);
  // The one that was refused.
  await expectNothingHeld(1);
  process.stdout.write(`${sockets.length} streams, and one that was refused\n`);
});
