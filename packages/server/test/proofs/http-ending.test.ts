/** The end and another config, in the middle of everything. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { API_KEY, spawnHttp } from "../http/http-session.ts";
import type { RawAnswer } from "../http/raw-request.ts";
import { sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import {
  type AbusedServer,
  RIGHT_KEY,
  SECOND_KEY,
  startAbused,
  UNLIMITED,
} from "./abused-server.ts";
import { type Calls, caller, callOn, noCalls } from "./callers.ts";
import { encryptedConfig, startCluster } from "./stdio-client.ts";

/** A client with a connection of its own, which it keeps. */
function clientOf(server: AbusedServer, key: string): () => Promise<RawAnswer> {
  const call = caller(server.port, key);
  return async () => {
    const answer = await call();
    server.heard(JSON.stringify(answer.headers) + answer.body);
    return answer;
  };
}

const isWhole = ({ status, body }: RawAnswer) => status === 200 && body.includes('"first"');

const times = (count: number): readonly undefined[] => Array.from({ length: count });

describe("SIGTERM", () => {
  test("in the middle of 50 clients that call on: what was taken is answered as a whole", async () => {
    const server = await startAbused({ http: UNLIMITED });
    const calls = noCalls();
    const ends = times(50).map(() =>
      callOn(clientOf(server, RIGHT_KEY), { calls, isWhole, goesOn: () => true }),
    );
    await expect.poll(() => calls.whole, { timeout: 60_000 }).toBeGreaterThan(200);
    server.serving.process.kill("SIGTERM");
    await Promise.all(ends);
    expect(await server.serving.ended).toBe(0);
    expect(await server.serving.logged("the server ends")).not.toHaveProperty("given_up");
    expect(calls.other).toEqual([]);
    expect(calls.unanswered).toBe(50);
    const taken = server.audit().filter(({ event }) => event === "end");
    expect(taken.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(taken).toHaveLength(calls.whole);
    process.stdout.write(
      `${calls.whole} calls taken, ${calls.whole} whole answers, ${server.searched()} bytes searched\n`,
    );
  });
});

describe("SIGTERM while a machine is rolled back", () => {
  async function rollingBack(): Promise<{
    readonly pass: (milliseconds: number) => void;
    readonly answer: Promise<string>;
    readonly serving: Awaited<ReturnType<typeof spawnHttp>>["serving"];
  }> {
    let time = Date.parse("2026-01-31T12:00:00Z");
    const cluster = await startCluster({ now: () => new Date(time), delays: { task: 60_000 } });
    const cwd = scratch();
    const api_keys = { example: await sealer.seal(API_KEY, "/http/api_keys/example") };
    const http = { enabled: true, port: 0, api_keys };
    const config = await encryptedConfig(cluster, { http, policy: { mode: "full" } });
    writeFileSync(join(cwd, "config.json"), config);
    const { serving, ...server } = await spawnHttp(["--debug", "config.json"], { cwd });
    // It is asked for as often as it takes, and ends by the clock alone.
    const { running } = cluster.state;
    const add = running.add.bind(running);
    const started = new Promise<void>((resolve) => {
      running.add = (task) => {
        resolve();
        return add({ ...task, polls: Number.POSITIVE_INFINITY });
      };
    });
    const answer = server
      .rpc("tools/call", {
        name: "rollback_snapshot",
        arguments: { vmid: 100, snapshot: "before-upgrade", confirm: "100" },
      })
      .then((response) => response.text());
    await started;
    expect(await serving.logged('"event":"begin"')).toMatchObject({ tool: "rollback_snapshot" });
    serving.process.kill("SIGTERM");
    await serving.logged("waits for calls");
    return {
      serving,
      answer,
      pass: (milliseconds) => {
        time += milliseconds;
      },
    };
  }

  test("waits for its task, and the answer says how it ended", async () => {
    const { pass, answer, serving } = await rollingBack();
    pass(60_000);
    const text = await answer;
    expect(text).toContain("Ended: OK");
    expect(text).not.toContain('"isError":true');
    expect(await serving.ended).toBe(0);
    expect(await serving.logged('"event":"end"')).toMatchObject({
      tool: "rollback_snapshot",
      outcome: "ok",
    });
    expect(await serving.logged("the server ends")).not.toHaveProperty("given_up");
  });

  test("gives up one that does not end, and says which task goes on", async () => {
    const { answer, serving } = await rollingBack();
    const [upid] = /UPID:[^ .\\"]+:/.exec(await answer) ?? [];
    expect(upid).toContain("qmrollback:100:");
    expect(await serving.ended).toBe(0);
    expect(await serving.logged('"event":"end"')).toMatchObject({
      tool: "rollback_snapshot",
      outcome: "CANCELLED",
      upids: [upid],
    });
  });
});

describe("another config, while 50 clients call", () => {
  test("without their key, with another policy, or broken, breaks no request of others", async () => {
    const server = await startAbused({ http: UNLIMITED });
    let isOver = false;
    const staying = noCalls();
    const others = noCalls();
    const goesOn = () => !isOver;
    const clients = times(50).map((_, index) =>
      index < 40
        ? callOn(clientOf(server, RIGHT_KEY), { calls: staying, isWhole, goesOn })
        : callOn(clientOf(server, SECOND_KEY), { calls: others, isWhole, goesOn }),
    );
    const more = (calls: Calls, by: number) => {
      const count = () => calls.whole + calls.other.length;
      const wanted = count() + by;
      return expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(wanted);
    };
    await more(staying, 200);
    await server.reload({ http: { ...UNLIMITED, no_such_setting: 1 } });
    await more(others, 20);
    expect(others.other).toEqual([]);

    // Those that are under way when their key goes are answered.
    const release = server.host.hold();
    const last = clientOf(server, SECOND_KEY)();
    await server.host.asked();
    await server.reload({ http: UNLIMITED, keys: ["example"] });
    const late = await clientOf(server, SECOND_KEY)();
    expect(late.status).toBe(401);
    release();
    expect(isWhole(await last)).toBe(true);
    await more(others, 50);

    await server.reload({ http: UNLIMITED, keys: ["example"], policy: { deny: ["get_vms"] } });
    await more(staying, 100);
    expect(staying.other).toEqual([]);
    await server.reload({ http: UNLIMITED, keys: ["example"], policy: { deny: ["get_nodes"] } });
    await more(staying, 200);
    isOver = true;
    await Promise.all(clients);

    expect(staying.unanswered + others.unanswered).toBe(0);
    expect(staying.other.filter((text) => !text.includes("POLICY_DENIED"))).toEqual([]);
    expect(others.other.filter((text) => !text.startsWith("401 "))).toEqual([]);
    process.stdout.write(
      `${staying.whole} whole answers and ${staying.other.length} refused by the new policy with a key ` +
        `that stays, ${others.whole} and then ${others.other.length} 401 with one that goes, ` +
        `${server.searched()} bytes searched\n`,
    );
  });
});
