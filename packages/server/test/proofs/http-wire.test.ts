/** What is no HTTP, hardly HTTP, or HTTP that two readers may read in two ways. */
import { expect, test } from "vitest";
import {
  CALL,
  JSON_HEADERS,
  RIGHT_KEY,
  startAbused,
  UNLIMITED,
  wirePost,
  wireRequest,
} from "./abused-server.ts";

const AUTH = `Authorization: Bearer ${RIGHT_KEY}`;
const CLOSE = "Connection: close";
const LENGTH = `Content-Length: ${CALL.length}`;
/** A call that would be answered if it were read as a request. */
const HIDDEN = wirePost(CALL, [CLOSE]);
const hiding = (...headers: readonly string[]) =>
  wireRequest("POST /livez", { headers, body: `0\r\n\r\n${HIDDEN}` });
const inChunks = (chunks: string, ...headers: readonly string[]) =>
  wireRequest("POST /api/mcp", {
    headers: [AUTH, CLOSE, ...JSON_HEADERS, "Transfer-Encoding: chunked", ...headers],
    body: chunks,
  });
const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index));
const upgrade = (line: string, to: string, ...headers: readonly string[]) =>
  wireRequest(line, { headers: ["Connection: Upgrade", `Upgrade: ${to}`, ...headers] });

interface Shape {
  readonly name: string;
  readonly text: string;
  /** Of the answers, in their order; none where the connection is closed without one. */
  readonly statuses: readonly number[];
  /** How many calls of a tool it holds that are to be answered. Default: none. */
  readonly calls?: number;
}

const shape = (
  name: string,
  text: string,
  statuses: number | readonly number[],
  calls = 0,
): Shape => ({ name, text, statuses: [statuses].flat(), calls });

const NO_HTTP: readonly Shape[] = [
  shape("nothing", "", []),
  shape("bytes", "\0\x01\x02\xff\r\n\r\n", 400),
  shape("a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
  shape("HTTP/2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
  shape("HTTP/0.9", "GET /livez\r\n", 400),
  shape("HTTP/3.7", "GET /livez HTTP/3.7\r\nHost: localhost\r\n\r\n", 400),
  shape("a method of 5000 letters", `${"A".repeat(5000)} / HTTP/1.1\r\n\r\n`, 400),
  shape("a method in lower case", HIDDEN.replace("POST", "post"), 400),
  shape("lines that end with LF", "GET /livez HTTP/1.1\nHost: localhost\n\n", 400),
  shape("lines that end with CR", "GET /livez HTTP/1.1\rHost: localhost\r\r", 400),
  shape("NUL in a header", wireRequest("GET /livez", { headers: ["X: a\0b"] }), 400),
  shape("white space in a name", wireRequest("GET /livez", { headers: ["X Y: a"] }), 400),
  shape("a folded header", wireRequest("GET /livez", { headers: ["X: a\r\n b"] }), 400),
  shape("a first header that is folded", "GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
];

const TWO_READINGS: readonly Shape[] = [
  shape("a length and chunks", hiding("Content-Length: 4", "Transfer-Encoding: chunked"), 400),
  shape("chunks and a length", hiding("Transfer-Encoding: chunked", "Content-Length: 4"), 400),
  shape("two lengths", hiding("Content-Length: 0", "Content-Length: 5"), 400),
  shape("one length twice", hiding("Content-Length: 5", "Content-Length: 5"), 400),
  ...["5, 5", "+5", "-5", "0x5", "5 5", "5.0", "", "99999999999999999999"].map((length) =>
    shape(`a length of "${length}"`, hiding(`Content-Length: ${length}`), 400),
  ),
  shape("a length with space ahead of its colon", hiding("Content-Length : 5"), 400),
  ...["\r\n chunked", " xchunked", " chunked, identity", "\x0bchunked", " chunked\0"].map(
    (coding) =>
      shape(`a coding of ${JSON.stringify(coding)}`, hiding(`Transfer-Encoding:${coding}`), 400),
  ),
  shape(
    "the coding twice",
    hiding("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    400,
  ),
  shape("chunks in HTTP/1.0", hiding("Transfer-Encoding: chunked").replace("1.1", "1.0"), 400),
  shape("a header that ends with LF", hiding("X: y\nContent-Length: 5"), 400),
  // These have one reading alone.
  shape("chunks within", hiding("Transfer-Encoding: gzip, chunked"), [405, 200], 1),
  shape("a tab ahead of the coding", hiding("Transfer-Encoding:\tchunked"), [405, 200], 1),
  shape("an extension that ends with LF", inChunks(`1;\n${HIDDEN}`), 400),
  shape("a size that is none", inChunks(`zz\r\n${HIDDEN}`), 400),
  shape("a size of 17 digits", inChunks(`${"f".repeat(17)}\r\n${HIDDEN}`), 400),
  shape("a chunk that is longer", inChunks(`1\r\n${HIDDEN}`), 400),
];

const LARGE: readonly Shape[] = [
  shape("2 MB in a chunk", inChunks(`7fffffffffffffff\r\n${"x".repeat(2_000_000)}`), 413),
  shape("a length of 2 MB", wirePost("x".repeat(2_000_000), [CLOSE]), 413),
  shape("an extension of 20 kB", inChunks(`5;${"a".repeat(20_000)}\r\n12345\r\n0\r\n\r\n`), 413),
  shape("20 000 trailers", inChunks(`0\r\n${"X: y\r\n".repeat(20_000)}\r\n`), 431),
  shape(
    "3000 names",
    wireRequest("GET /livez", { headers: many(3000, (index) => `x${index}:`) }),
    431,
  ),
  shape(
    "1500 names of 16 kB",
    wireRequest("GET /livez", { headers: many(1500, (index) => `x${index}:`) }),
    431,
  ),
  shape("a target of 17 kB", wireRequest(`GET /livez?${"x".repeat(17_000)}`), 431),
  shape(
    "a key of 15 kB",
    wireRequest("POST /api/mcp", {
      headers: [`Authorization: Bearer ${"x".repeat(15_000)}`, CLOSE],
    }),
    401,
  ),
  shape(
    "a length of more than was sent",
    wireRequest("POST /api/mcp", {
      headers: [AUTH, ...JSON_HEADERS, `Content-Length: ${CALL.length + 1}`],
      body: CALL,
    }),
    400,
  ),
  shape(
    "a length of less than was sent",
    wireRequest("POST /api/mcp", {
      headers: [AUTH, ...JSON_HEADERS, `Content-Length: ${CALL.length - 1}`],
      body: CALL,
    }),
    // What is left over is no request.
    400,
  ),
];

const METHODS: readonly Shape[] = [
  shape("CONNECT", wireRequest("CONNECT localhost:443", { headers: [AUTH] }), []),
  shape("TRACE", wireRequest("TRACE /livez", { headers: [CLOSE, "X: example-echo"] }), 405),
  ...["TRACE", "PROPFIND", "QUERY", "GET"].map((method) =>
    shape(
      `${method} with a call`,
      wireRequest(`${method} /api/mcp`, {
        headers: [AUTH, CLOSE, ...JSON_HEADERS, LENGTH],
        body: CALL,
      }),
      405,
    ),
  ),
  shape("a WebSocket", upgrade("GET /api/mcp", "websocket", AUTH), 405),
  shape("a WebSocket of nobody", upgrade("GET /api/mcp", "websocket"), 401),
  shape("HTTP/2 by an upgrade", upgrade("GET /livez", "h2c", "HTTP2-Settings: AAMAAABk"), 200),
  shape("a call behind an upgrade", upgrade("GET /livez", "h2c") + HIDDEN, 200),
  shape("a call that may go on", wirePost(CALL, ["Expect: 100-continue", CLOSE]), [100, 200], 1),
  shape("a call that expects something else", wirePost(CALL, ["Expect: 200-ok", CLOSE]), 417),
  shape("a call over HTTP/1.0", HIDDEN.replace("HTTP/1.1", "HTTP/1.0"), 200, 1),
  shape("HEAD of a probe", wireRequest("HEAD /livez", { headers: [CLOSE] }), 200),
  shape("the server itself", wireRequest("OPTIONS *", { headers: [CLOSE] }), 400),
];

const PIPELINES: readonly Shape[] = [
  shape("100 requests at once", wireRequest("GET /livez").repeat(99) + hidingNothing(), [
    ...Array.from({ length: 100 }, () => 200),
  ]),
  shape("1500 at once, of which 1000 are answered", wireRequest("GET /livez").repeat(1500), [
    ...Array.from({ length: 1000 }, () => 200),
    ...Array.from({ length: 500 }, () => 503),
  ]),
  shape(
    "a call behind one without a key",
    wireRequest("POST /api/mcp", { headers: ["Content-Length: 0"] }) + HIDDEN,
    [401, 200],
    1,
  ),
];

function hidingNothing(): string {
  return wireRequest("GET /livez", { headers: [CLOSE] });
}

test.each([
  ["what is no HTTP", NO_HTTP],
  ["what has two readings", TWO_READINGS],
  ["what is large", LARGE],
  ["other methods and protocols", METHODS],
  ["pipelines", PIPELINES],
])("%s is refused or answered, and the server goes on", async (_, shapes) => {
  const server = await startAbused({ http: UNLIMITED });
  const wrong: string[] = [];
  let expectedCalls = 0;
  for (const { name, text, statuses, calls = 0 } of shapes) {
    const before = server.host.seen.length;
    const heard = await server.say(text, {
      keepsOpen: text.includes(CLOSE) && !text.includes("Upgrade"),
    });
    expectedCalls += calls;
    const asked = server.host.seen.length - before;
    if (heard.statuses.join() !== statuses.join()) wrong.push(`${name}: ${heard.statuses}`);
    if (asked !== calls) wrong.push(`${name}: asked Proxmox ${asked} times`);
    if (heard.text.includes("example-echo")) wrong.push(`${name}: an echo`);
    const { status } = await server.fetch("/livez");
    if (status !== 200) wrong.push(`${name}: then ${status}`);
  }
  expect(wrong).toEqual([]);
  expect(server.audit().filter(({ event }) => event === "end")).toHaveLength(expectedCalls);
  expect(linesOf(server.serving.log())).toEqual([]);
  process.stdout.write(`${shapes.length} shapes, ${server.searched()} bytes searched\n`);
});

/** Whether a target is the endpoint, the metrics or a probe, and what else it gets. */
const TARGETS: Readonly<Record<string, "mcp" | "metrics" | "livez" | 400 | 403 | 404>> = {
  "/api/mcp/": 404,
  "//api/mcp": 404,
  "/api//mcp": 404,
  "/api/%6dcp": "mcp",
  "/api/%256dcp": 404,
  "/api%2fmcp": 404,
  "/api/mcp;x": 404,
  "/api;x/mcp": 404,
  "/api/mcp?x": "mcp",
  "/api/mcp#x": "mcp",
  "/api/mcp%00": 404,
  "/api/mcp%23": 404,
  "/api/mcp%3f": 404,
  "/api/mcp%ff": 404,
  "/api/mcp%": 404,
  "/api/mcp\t": 400,
  "/api/\x80mcp": 400,
  "/api/./mcp": "mcp",
  "/api/x/../mcp": "mcp",
  "/api/x/%2e%2e/mcp": "mcp",
  "/livez/../api/mcp": "mcp",
  "/API/MCP": 404,
  "\\api\\mcp": 400,
  "/api\\mcp": 400,
  "/livez/../metrics": "metrics",
  "/livez/%2e%2e/metrics": "metrics",
  "/livez/..;/metrics": 404,
  "/livez/..%2fmetrics": 404,
  "/livez/..\\metrics": 400,
  "/metrics/": 404,
  "/%6detrics": "metrics",
  "/metrics%20": 404,
  "/..//metrics": 404,
  "/?/metrics": 404,
  "/livez/": 404,
  "/livez?x=y": "livez",
  "///livez": 404,
  "//evil.example/livez": 404,
  livez: 400,
  "http://localhost/api/mcp": "mcp",
  "HTTP://LOCALHOST/api/mcp": 400,
  "http://evil.example/api/mcp": 403,
  "http://localhost@evil.example/api/mcp": 403,
  "http://evil.example@localhost/api/mcp": 403,
  "http://localhost:80@evil.example/api/mcp": 403,
  "ftp://localhost/api/mcp": 400,
};

test("targets lead where they say, whoever asks, and past no door", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const wrong: string[] = [];
  let calls = 0;
  for (const [target, leads] of Object.entries(TARGETS)) {
    for (const hasKey of [false, true]) {
      for (const method of ["GET", "POST"]) {
        const headers = [...(hasKey ? [AUTH] : []), CLOSE, ...JSON_HEADERS, LENGTH];
        const request = wireRequest(`${method} ${target}`, { headers, body: CALL });
        const before = server.host.seen.length;
        const { statuses } = await server.say(request, { keepsOpen: true });
        const asked = server.host.seen.length - before;
        const isCall = leads === "mcp" && hasKey && method === "POST";
        if (isCall) calls += 1;
        const said = `${method} ${target} ${hasKey ? "with" : "without"} a key`;
        const wanted = statusOf(leads, { hasKey, method });
        if (statuses.join() !== String(wanted)) wrong.push(`${said}: ${statuses}, not ${wanted}`);
        if (asked !== (isCall ? 1 : 0)) wrong.push(`${said}: asked Proxmox ${asked} times`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(linesOf(server.serving.log())).toEqual([]);
  const tried = Object.keys(TARGETS).length * 4;
  process.stdout.write(`${tried} requests, ${calls} calls, ${server.searched()} bytes searched\n`);
});

function statusOf(
  leads: (typeof TARGETS)[string],
  { hasKey, method }: { hasKey: boolean; method: string },
): number {
  if (typeof leads === "number") return leads;
  if (leads === "livez") return method === "GET" ? 200 : 405;
  if (!hasKey) return 401;
  return method === (leads === "mcp" ? "POST" : "GET") ? 200 : 405;
}

/** What the log holds beyond its first line. */
/** What the log says beside what it has to say. */
function linesOf(log: readonly { readonly level: string; readonly msg: string }[]): string[] {
  const due = ["serving over http", "requests with a wrong API key were refused"];
  return log
    .filter(({ level, msg }) => level !== "debug" && !due.includes(msg))
    .map((line) => JSON.stringify(line));
}
