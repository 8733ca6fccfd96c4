/** Whatever a client writes, stdout holds messages of the protocol and nothing else. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "../serve/nodes-host.ts";
import { configFor, type Serving, startServing } from "../serve/serving.ts";
import { type Answers, readAnswers } from "./answers.ts";

const MEGABYTE = 1024 * 1024;

async function serve(): Promise<{ server: Serving; answers: Answers }> {
  const cwd = scratch();
  const config = await configFor(await startNodesHost("first"), {
    // Worth a warning each.
    proxmox: { prot: 1, fingerprint: undefined, verify_ssl: false },
    logging: { level: "DEBUG", file: "server.log" },
  });
  writeFileSync(join(cwd, "config.json"), config, { mode: 0o644 });
  const server = await startServing(["--debug", "config.json"], { cwd });
  return { server, answers: readAnswers(server) };
}

const message = (parts: object): string => JSON.stringify({ jsonrpc: "2.0", ...parts });
const call = (id: unknown, name: unknown, args: unknown): string =>
  message({ id, method: "tools/call", params: { name, arguments: args } });

const NO_MESSAGES: readonly (readonly [string, string | Buffer])[] = [
  ["no JSON", "garbage"],
  ["half of an object", '{"jsonrpc":"2.0","id":'],
  ["nothing", ""],
  ["white space", " \t "],
  ["other values", 'null\n42\n"text"\ntrue\n{}\n[]'],
  ["NUL characters", "\0\0\0"],
  ["a byte order mark", "\ufeff{}"],
  ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80])],
  ["an array, as batches were", `[${message({ id: "batch", method: "ping" })}]`],
  ["what is nested deeply", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["another version", JSON.stringify({ jsonrpc: "1.0", id: 900, method: "ping" })],
  ["an id that is an object", message({ id: {}, method: "ping" })],
  ["an id that is null", message({ id: null, method: "ping" })],
  ["a method that is a number", message({ id: 901, method: 5 })],
  ["parameters that are a list", message({ id: 902, method: "ping", params: [1] })],
  ["an answer to nothing", message({ id: 903, result: {} })],
  ["an error to nothing", message({ id: 904, error: { code: 1, message: "x" } })],
  ["an unknown notification", message({ method: "notifications/unknown", params: { a: 1 } })],
  [
    "the end of nothing",
    message({ method: "notifications/cancelled", params: { requestId: 905 } }),
  ],
  [
    "the end of an object",
    message({ method: "notifications/cancelled", params: { requestId: {} } }),
  ],
  ["a long line of nothing", "x".repeat(5 * MEGABYTE)],
];

test("what is no request is passed over, and the next request answered", async () => {
  const { server, answers } = await serve();
  for (const [what, bytes] of NO_MESSAGES) {
    server.process.stdin.write(bytes);
    server.process.stdin.write("\n");
    expect((await server.request("ping")).result, what).toEqual({});
    expect(await server.call("get_nodes"), what).toContain("first");
  }
  answers.expectProtocol();
  // Nothing that can never be answered is waited for.
  server.process.stdin.end();
  expect(await server.ended).toBe(0);
  expect(await server.logged("the server ends")).not.toHaveProperty("given_up");
  expect(answers.lines).toHaveLength(2 * NO_MESSAGES.length);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ["an unknown method", message({ id: "it", method: "no/such" })],
  ["a method of the prototype", message({ id: "it", method: "__proto__" })],
  ["a long method", message({ id: "it", method: "m".repeat(MEGABYTE) })],
  ["an unknown tool", call("it", "no_such_tool", {})],
  ["a tool of the prototype", call("it", "constructor", {})],
  ["a tool that is a number", call("it", 5, {})],
  ["arguments that are a list", call("it", "get_nodes", [])],
  ["no parameters", message({ id: "it", method: "tools/call" })],
  ["arguments of five megabytes", call("it", "get_vms", { name: "x".repeat(5 * MEGABYTE) })],
  ["a resource", message({ id: "it", method: "resources/list" })],
  ["a second greeting without a version", message({ id: "it", method: "initialize", params: {} })],
];

test("a request that cannot be served gets one answer, and no more than that", async () => {
  const { server, answers } = await serve();
  for (const [index, [, line]] of REFUSED.entries()) {
    server.process.stdin.write(`${line.replace('"it"', `"it-${index}"`)}\n`);
  }
  expect((await server.request("ping")).result).toEqual({});
  server.process.stdin.end();
  expect(await server.ended).toBe(0);
  expect(await server.logged("the server ends")).not.toHaveProperty("given_up");
  answers.expectProtocol();
  for (const [index, [what]] of REFUSED.entries()) {
    const found = answers.lines.filter((text) => text.includes(`"it-${index}"`));
    expect(found, what).toEqual([expect.stringMatching(/"error":|"isError":true/)]);
    expect(found.join("").length, what).toBeLessThan(2000);
  }
});

test("all of it in one flood, again and again, with calls in between", async () => {
  const { server, answers } = await serve();
  const calls: Promise<string>[] = [];
  const flood = [...NO_MESSAGES.slice(0, -1), ...REFUSED.slice(0, 2)];
  for (let round = 0; round < 20; round += 1) {
    for (const [, bytes] of flood) {
      server.process.stdin.write(bytes);
      server.process.stdin.write(round % 2 === 0 ? "\n" : "\r\n");
    }
    calls.push(server.call("get_nodes"));
  }
  for (const text of await Promise.all(calls)) expect(text).toContain("first");
  answers.expectProtocol();
  expect(answers.countOf("it")).toBe(40);
});

test("a line that never ends closes the connection with an exit of 0, and calls in flight with it", async () => {
  const { server, answers } = await serve();
  server.process.stdin.on("error", () => {});
  server.process.stdin.write("x".repeat(11 * MEGABYTE));
  expect(await server.ended).toBe(0);
  answers.expectProtocol();
  expect(await server.logged("could not be served")).toMatchObject({ level: "warn" });
});
