/** Clients that are slow, or many: how long they may be so, and who is served meanwhile. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import {
  type AbusedServer,
  CALL,
  JSON_HEADERS,
  RIGHT_KEY,
  startAbused,
  UNLIMITED,
  wirePost,
  wireRequest,
} from "../proofs/abused-server.ts";

/** As many connections as the server takes. */
const MOST = 2048;

/** Sends one character after another until the connection ends. @returns what was answered, and how many were sent. */
async function dribble(
  server: AbusedServer,
  begin: string,
  rest: Iterable<string>,
): Promise<{ readonly text: string; readonly sent: number }> {
  const socket = server.open();
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(begin);
  const characters = rest[Symbol.iterator]();
  let sent = 0;
  const sending = setInterval(() => {
    const { value, done } = characters.next();
    if (done === true || socket.destroyed) return;
    sent += 1;
    socket.write(value);
  }, 50);
  await closed;
  clearInterval(sending);
  return { text, sent };
}

async function serves(server: AbusedServer): Promise<void> {
  const { statuses } = await server.say(wirePost(CALL, ["Connection: close"]), {
    keepsOpen: true,
  });
  expect(statuses).toEqual([200]);
}

test("headers that come one character at a time", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const slow = Array.from({ length: 20 }, () =>
    dribble(server, "POST /api/mcp HTTP/1.1\r\n", "X: y\r\n".repeat(10_000)),
  );
  await serves(server);
  for (const { text, sent } of await Promise.all(slow)) {
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(sent).toBeGreaterThan(0);
  }
  await serves(server);
  server.searched();
});

test("a body that comes one character at a time", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const asKnown = [`Authorization: Bearer ${RIGHT_KEY}`];
  const slow = [["Content-Length: 100000"], ["Transfer-Encoding: chunked"]].map((framing) =>
    dribble(
      server,
      wireRequest("POST /api/mcp", { headers: [...asKnown, ...JSON_HEADERS, ...framing] }),
      framing[0]?.startsWith("Transfer") ? "1\r\n \r\n".repeat(10_000) : " ".repeat(10_000),
    ),
  );
  const ofNobody = dribble(
    server,
    wireRequest("POST /api/mcp", { headers: [...JSON_HEADERS, "Content-Length: 100000"] }),
    " ".repeat(10_000),
  );
  await serves(server);
  for (const { text } of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect((await ofNobody).text).toMatch(/^HTTP\/1\.1 401 /);
  await serves(server);
  server.searched();
});

test("connections that say nothing, as many as there may be: others are served once they end", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const silent = await openMany(server, MOST);
  const before = Date.now();
  await expect(server.say(wirePost(CALL))).resolves.toMatchObject({ statuses: [] });
  await Promise.all(silent.map(closeOf));
  process.stdout.write(`${MOST} silent connections ended after ${Date.now() - before} ms\n`);
  await serves(server);
  server.searched();
});

test("connections that are kept, as many as there may be, leave room for others", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const kept = await openMany(server, MOST);
  for (const socket of kept) {
    socket.write(wireRequest("GET /livez"));
    await once(socket, "data");
  }
  // Whoever is turned away may try again.
  await server.say("");
  await serves(server);
});

test("a pipeline whose answers nobody reads", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const socket = server.open();
  socket.pause();
  const before = Date.now();
  const text = wireRequest("GET /metrics").repeat(50_000);
  socket.write(text);
  await serves(server);
  socket.removeAllListeners("data");
  await closeOf(socket);
  process.stdout.write(`an unread pipeline ended after ${Date.now() - before} ms\n`);
  await serves(server);
});

async function openMany(server: AbusedServer, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: 64 }, () => server.open());
    await Promise.all(some.map((socket) => once(socket, "connect")));
    sockets.push(...some);
  }
  return sockets;
}

function closeOf(socket: Socket): Promise<unknown> {
  socket.resume();
  return socket.closed
    ? Promise.resolve()
    : new Promise((resolve) => socket.once("close", resolve));
}
