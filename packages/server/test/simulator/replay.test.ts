/** The simulated front end against the recorded one: every exchange, over a connection of its own. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { call, exchange, type Request, type Response } from "./exchange.ts";

interface Recorded {
  readonly name: string;
  readonly request: Request;
  readonly response: Response & { readonly ms: number };
}

const recorded = JSON.parse(
  readFileSync(new URL("./recorded/front-9.2.11.json", import.meta.url), "utf8"),
) as readonly Recorded[];

// The recorded front end had no cluster behind it: where work gives something, it gave null.
const CANNED: Readonly<Record<string, RegExp>> = {
  "JSON boolean true": /^\{"data":"UPID:pve1:[^"]+:qmshutdown:100:root@pam!full:"\}$/,
  "agent exec array JSON": /^\{"data":\{"pid":\d+\}\}$/,
  "agent exec array form": /^\{"data":\{"pid":\d+\}\}$/,
  "agent exec single form": /^\{"data":\{"pid":\d+\}\}$/,
};

const HEADERS = ["cache-control", "connection", "content-type", "pragma", "server"];

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ delays: { unauthorized: 0 } });
});
afterAll(() => simulator.stop());

/** The same names and types; texts are compared where they are an error's. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, shapeOf(inner)]),
  );
}

function bodyOf({ headers, body }: Response): unknown {
  return headers["content-type"] === undefined ? body : JSON.parse(body);
}

describe("the recorded exchanges", () => {
  test("are all there", () => expect(recorded).toHaveLength(45));

  test.each(recorded)("$name", async ({ name, request, response: expected }) => {
    const actual = await exchange(simulator, request);
    expect(`${actual.status} ${actual.reason}`).toBe(`${expected.status} ${expected.reason}`);
    for (const header of HEADERS) expect(actual.headers[header]).toBe(expected.headers[header]);

    const canned = CANNED[name];
    if (canned !== undefined) {
      expect(expected.body).toBe('{"data":null}');
      expect(actual.body).toMatch(canned);
      return;
    }
    const isOwnText = expected.status !== 200 || expected.body.includes('"message"');
    const compared = (response: Response) =>
      isOwnText ? bodyOf(response) : shapeOf(bodyOf(response));
    expect(compared(actual)).toEqual(compared(expected));
  });
});

describe("a 401", () => {
  test("has nothing but a reason, not even a length", async () => {
    const late = await startSimulator({ delays: { unauthorized: 1 } });
    const answer = await exchange(late, { method: "GET", path: "/api2/json/version" });
    expect(answer).toMatchObject({ status: 401, reason: "No ticket", body: "" });
    expect(answer.headers["content-length"]).toBeUndefined();
    expect(answer.headers["transfer-encoding"]).toBeUndefined();
    await late.stop();
  });

  test("comes late, and keeps no simulator from stopping", async () => {
    let clockIsRead: () => void = () => undefined;
    const late = await startSimulator({
      delays: { unauthorized: 3_600_000 },
      now: () => {
        clockIsRead();
        return new Date("2026-01-31T12:00:00Z");
      },
    });
    const arrived = new Promise<void>((resolve) => {
      clockIsRead = resolve;
    });
    // Only the expiry of a token needs the clock before the answer.
    const authorization = "PVEAPIToken=root@pam!old=33333333-3333-3333-3333-333333333333";
    const request = { method: "GET", path: "/api2/json/version", headers: { authorization } };
    const answer = exchange(late, request).then(
      ({ status }) => status,
      () => "cut",
    );
    await arrived;
    expect((await call(late, "GET", "/version")).status).toBe(200);
    await late.stop();
    expect(await answer).toBe("cut");
  });
});
