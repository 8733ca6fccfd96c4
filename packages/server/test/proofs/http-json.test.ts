/** Bodies that are no JSON, JSON that is no message, and messages that are too many. */
import { expect, test } from "vitest";
import { CALL, RIGHT_KEY, startAbused, UNLIMITED, wirePost } from "./abused-server.ts";

const CLOSE = "Connection: close";
const DEPTH = 100_000;
const nested = (open: string, close: string) => open.repeat(DEPTH) + close.repeat(DEPTH);
const LISTS = nested("[", "]");
const OBJECTS = `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;
const call = (name: string, args: string, id = "1") =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":${name},"arguments":${args}}}`;

interface Body {
  readonly name: string;
  readonly body: string;
  readonly headers?: readonly string[];
}
const bodies: readonly Body[] = [
  { name: "nothing", body: "" },
  { name: "no JSON", body: '{"jsonrpc' },
  { name: "bytes", body: "\x00\xff\xfe" },
  { name: "a byte order mark", body: `\xef\xbb\xbf${CALL}` },
  ...["null", "true", "1", '"x"', "[]", "{}", "[[]]", "[null]", "[{}]"].map((body) => ({
    name: body,
    body,
  })),
  { name: "lists, deep", body: LISTS },
  { name: "objects, deep", body: OBJECTS },
  { name: "lists that do not end", body: "[".repeat(DEPTH) },
  { name: "deep parameters", body: `{"jsonrpc":"2.0","id":1,"method":"ping","params":${OBJECTS}}` },
  { name: "deep arguments", body: call('"get_nodes"', OBJECTS) },
  { name: "a deep argument", body: call('"get_vms"', `{"node":${LISTS}}`) },
  { name: "a deep tool name", body: call(LISTS, "{}") },
  { name: "a deep id", body: call('"get_nodes"', "{}", LISTS) },
  { name: "a deep method", body: `{"jsonrpc":"2.0","id":1,"method":${LISTS}}` },
  {
    name: "deep metadata",
    body: `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":${OBJECTS}}}`,
  },
  { name: "a deep answer", body: `{"jsonrpc":"2.0","id":1,"result":${OBJECTS}}` },
  {
    name: "a deep error",
    body: `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x","data":${LISTS}}}`,
  },
  { name: "an id of 900 kB", body: call('"get_nodes"', "{}", `"${"x".repeat(900_000)}"`) },
  { name: "an id of 300 digits", body: call('"get_nodes"', "{}", "9".repeat(300)) },
  { name: "an id beyond numbers", body: call('"get_nodes"', "{}", "1e999") },
  ...["null", "{}", "[]", "true", "1.5", "-0", '"__proto__"'].map((id) => ({
    name: `an id of ${id}`,
    body: call('"get_nodes"', "{}", id),
  })),
  { name: "a number of 900 kB", body: call('"get_vm_status"', `{"vmid":${"9".repeat(900_000)}}`) },
  { name: "a tool of 900 kB", body: call(`"${"x".repeat(900_000)}"`, "{}") },
  {
    name: "a method of 900 kB",
    body: `{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(900_000)}"}`,
  },
  {
    name: "90 000 arguments",
    body: call('"get_vms"', `{${Array.from({ length: 90_000 }, (_, index) => `"${index}":0`)}}`),
  },
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"].flatMap((name) => [
    { name: `the tool ${name}`, body: call(`"${name}"`, "{}") },
    { name: `the method ${name}`, body: `{"jsonrpc":"2.0","id":1,"method":"${name}"}` },
    {
      name: `the argument ${name}`,
      body: call('"get_nodes"', `{"${name}":{"isError":true,"mode":"full"}}`),
    },
    { name: `${name} beside`, body: CALL.replace("{", `{"${name}":{"polluted":true},`) },
  ]),
  { name: "the method twice", body: CALL.replace("{", '{"method":"tools/list",') },
  { name: "everything twice", body: `${CALL.slice(0, -1)},${CALL.slice(1)}` },
  { name: "two messages", body: `${CALL}\n${CALL}` },
  { name: "lone surrogates", body: call('"\\ud800"', '{"\\udfff":"\\ud800"}') },
];

test("every body is answered with a bounded text, none changes the next one's answer", async () => {
  const server = await startAbused({ http: UNLIMITED });
  const wrong: string[] = [];
  const statuses = new Map<number, number>();
  const first = await plain(server);
  for (const { name, body } of bodies) {
    const heard = await server.say(wirePost(body, [CLOSE]), { keepsOpen: true });
    const [status = 0, ...more] = heard.statuses;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (more.length > 0 || ![200, 202, 400].includes(status))
      wrong.push(`${name}: ${heard.statuses}`);
    // An id comes back as it is, and nothing else does.
    if (heard.text.length > 8192 + (name.startsWith("an id") ? body.length : 0)) {
      wrong.push(`${name}: ${heard.text.length} bytes`);
    }
    const next = await plain(server);
    if (next !== first) wrong.push(`${name}: then ${next.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
  const grave = server.serving.log().filter(({ level }) => level === "error" || level === "fatal");
  expect(grave).toEqual([]);
  process.stdout.write(
    `${bodies.length} bodies: ${JSON.stringify(Object.fromEntries(statuses))}, ${server.searched()} bytes searched\n`,
  );
});

async function plain(server: Awaited<ReturnType<typeof startAbused>>): Promise<string> {
  const answer = await server.rpc("tools/list", {}, { key: RIGHT_KEY });
  return (await answer.text()).replace(/"id":\d+/, "");
}

test.each([
  ["text/plain", 415],
  ["", 415],
  ["multipart/form-data; boundary=x", 415],
  ["application/x-www-form-urlencoded", 415],
  ["application/jsonp", 415],
  ["application/json, text/plain", 415],
  ["text/plain; application/json", 415],
  ["application/json; charset=utf-16", 200],
  ["APPLICATION/JSON;charset=UTF-8", 200],
])("a body of type %j gets %i", async (type, status) => {
  const server = await startAbused({ http: UNLIMITED });
  const text = wirePost(CALL, [CLOSE]).replace("application/json", type);
  expect((await server.say(text, { keepsOpen: true })).statuses).toEqual([status]);
  expect(server.host.seen).toHaveLength(status === 200 ? 1 : 0);
});

const PER_MINUTE = 10;

/** Sends a batch of calls. @returns how often the host was asked. */
async function askedByBatch(count: number): Promise<number> {
  const rate_limit = { per_minute: PER_MINUTE, per_minute_per_address: 1_000_000 };
  const server = await startAbused({ http: { rate_limit } });
  const calls = Array.from({ length: count }, (_, id) => call('"get_nodes"', "{}", String(id)));
  const text = wirePost(`[${calls}]`, [CLOSE]);
  const { statuses } = await server.say(text, { keepsOpen: true });
  const asked = server.host.seen.length;
  expect(statuses).toEqual([400]);
  return asked;
}

test.each([1, 2, 100, 101, 10_000])("a batch of %i calls is refused whole", async (count) => {
  expect(await askedByBatch(count)).toBe(0);
});
