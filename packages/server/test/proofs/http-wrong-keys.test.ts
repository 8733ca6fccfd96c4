/** Ten thousand wrong keys reach nothing, leave nothing behind and stand in nobody's way. */
import { describe, expect, test } from "vitest";
import { parseMetrics, sampleValue } from "../http/prometheus-text.ts";
import {
  type AbusedServer,
  CALL,
  JSON_HEADERS,
  RIGHT_KEY,
  startAbused,
  wireRequest,
} from "./abused-server.ts";

const COUNT = 10_000;
/** Sent over one connection, which takes a thousand at most. */
const AT_ONCE = 500;
const CLIENT = "127.0.0.2";
const PROXY = "127.0.0.3";
const STATE = { trusted_proxies: [PROXY], rate_limit: { per_minute: 1_000_000 } };

function wrong(index: number, headers: readonly string[], isLast: boolean): string {
  return wireRequest("POST /api/mcp", {
    headers: [
      // As like to the right one as a guess gets.
      `Authorization: Bearer ${RIGHT_KEY.slice(0, -5)}${String(index).padStart(5, "0")}`,
      ...JSON_HEADERS,
      `Content-Length: ${CALL.length}`,
      ...(isLast ? ["Connection: close"] : []),
      ...headers,
    ],
    body: CALL,
  });
}

/** Sends them, four connections at once. @returns how often each status came. */
async function guess(
  server: AbusedServer,
  {
    from,
    headers,
    count = COUNT,
  }: {
    from: string;
    headers: (index: number) => readonly string[];
    count?: number;
  },
): Promise<Readonly<Record<number, number>>> {
  const statuses: Record<number, number> = {};
  let next = 0;
  const sendMore = async (): Promise<void> => {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + AT_ONCE);
      const last = next - 1;
      const text = Array.from({ length: next - first }, (_, index) =>
        wrong(first + index, headers(first + index), first + index === last),
      ).join("");
      const heard = await server.say(text, { from, keepsOpen: true });
      for (const status of heard.statuses) statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 4 }, sendMore));
  return statuses;
}

async function rightKeyWorks(server: AbusedServer): Promise<void> {
  const call = { name: "get_nodes", arguments: {} };
  const answer = await server.rpc("tools/call", call, { key: RIGHT_KEY });
  expect(await answer.text()).toContain("first");
}

const sources = {
  "one address": { from: CLIENT, headers: () => [] },
  "one address that says to be others": {
    from: CLIENT,
    headers: (index: number) => [`X-Forwarded-For: 198.18.${index >> 8}.${index & 255}`],
  },
  "many addresses behind a proxy": {
    from: PROXY,
    headers: (index: number) => [`X-Forwarded-For: 198.18.${index >> 8}.${index & 255}`],
  },
  "many networks of IPv6 behind a proxy": {
    from: PROXY,
    headers: (index: number) => [`X-Forwarded-For: 2001:db8:${index.toString(16)}::1`],
  },
};

describe.each(Object.entries(sources))("from %s", (name, source) => {
  test("they cause no call, no line and no growth, and a right key works meanwhile", async () => {
    const server = await startAbused({ http: STATE });
    await rightKeyWorks(server);
    // Whatever is made once is there, and the table of limits is as full as it gets.
    await guess(server, { ...source });
    const before = await server.held();
    const lines = { log: server.serving.log().length, audit: server.audit().length };
    const asked = server.host.seen.length;

    const [statuses] = await Promise.all([guess(server, source), rightKeyWorks(server)]);
    await rightKeyWorks(server);

    expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    expect(Object.keys(statuses)).toEqual(source.from === CLIENT ? ["429"] : ["401"]);
    expect(server.host.seen.length - asked).toBe(2);
    const after = await server.held();
    const growth = after.heap / before.heap;
    expect(growth).toBeLessThan(1.1);
    expect(server.audit().length - lines.audit).toBe(2);
    const metrics = parseMetrics(await (await server.fetch("/metrics", { key: RIGHT_KEY })).text());
    const failures = "proxmox_mcp_http_authentication_failures_total";
    const limited = "proxmox_mcp_http_rate_limited_total";
    const counted =
      (sampleValue(metrics, failures, { credential: "wrong" }) ?? 0) +
      (sampleValue(metrics, limited, { scope: "address" }) ?? 0);
    expect(counted).toBe(2 * COUNT);
    const log = server.serving.log().length - lines.log;
    // One that says so would do.
    expect(log).toBeLessThanOrEqual(1);
    process.stdout.write(
      `${name}: ${JSON.stringify(statuses)}, heap ${before.heap} to ${after.heap} bytes ` +
        `(${growth.toFixed(3)}), ${log} lines of log, ${server.searched()} bytes searched\n`,
    );
  });
});
