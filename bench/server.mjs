// The server over stdio, in front of simulated clusters of 10, 1 000 and 10 000 guests: how long it
// takes to the first answer, how long calls take, and whether memory stays flat.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bundleSimulator, withCluster } from "./cluster.mjs";
import { inTurns, median, percentile } from "./measure.mjs";
import { memory } from "./memory.mjs";
import { NODE } from "./programs.mjs";
import { atMost, fact, notMeasured } from "./table.mjs";

const SERVER = pathOf("../packages/server/bin/proxmox-mcp-server.cjs");
const SIZES = [10, 1000, 10_000];
const CALLS = 200;
const MANY_CALLS = 50_000;
const WARM_UP = 5000;
// What was in memory after the warm-up may grow by a fifth in ten times as many calls.
const GROWTH_GOAL = 1.2;
const QUIET = { logging: { level: "ERROR" } };

export async function server({ programs, directory, rounds }) {
  const script = join(directory, "simulator.cjs");
  await bundleSimulator(script);
  const rows = [...(await firstAnswer({ programs, directory, script, rounds }))];
  for (const guests of SIZES) rows.push(...(await latency({ directory, script, guests })));
  rows.push(...(await manyCalls({ directory, script })));
  return rows;
}

async function firstAnswer({ programs, directory, script, rounds }) {
  return withCluster({ directory, script, guests: 10 }, async ({ place }) => {
    const config = place(QUIET);
    const node = median(inTurns(rounds, { node: () => programs.time(NODE) }).node);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await withServer(config, async (client) => {
        await client.callTool({ name: "get_nodes", arguments: {} });
        times.push(performance.now() - start);
      });
    }
    return [
      fact("start of the server to its first answer from Proxmox", median(times), " ms"),
      fact("the same / `node -e 0`", median(times) / node),
    ];
  });
}

function latency({ directory, script, guests }) {
  return withCluster({ directory, script, guests }, ({ place }) =>
    withServer(place(QUIET), async (client, pid) => {
      const call = () => client.callTool({ name: "get_vms", arguments: {} });
      for (let index = 0; index < CALLS / 10; index += 1) await call();
      const times = [];
      for (let index = 0; index < CALLS; index += 1) {
        const start = performance.now();
        const { isError } = await call();
        if (isError) throw new Error("get_vms failed");
        times.push(performance.now() - start);
      }
      return [
        fact(`\`get_vms\`, ${guests} guests: median`, median(times), " ms"),
        fact(`\`get_vms\`, ${guests} guests: 95 of 100`, percentile(times, 0.95), " ms"),
        memoryRow(`peak memory, ${guests} guests`, pid, "VmHWM"),
      ];
    }),
  );
}

function manyCalls({ directory, script }) {
  return withCluster({ directory, script, guests: 10 }, ({ place }) =>
    withServer(place(QUIET), async (client, pid) => {
      const start = performance.now();
      await callOften(client, WARM_UP);
      const before = memory(pid, "VmRSS");
      await callOften(client, MANY_CALLS - WARM_UP);
      const seconds = (performance.now() - start) / 1000;
      const after = memory(pid, "VmRSS");
      if (before === undefined || after === undefined) {
        return [notMeasured("memory over many calls", "needs Linux")];
      }
      return [
        fact(`${MANY_CALLS} calls of \`get_node_status\`, 8 at a time`, seconds, " s"),
        fact(`memory after ${WARM_UP} of them`, before, " MiB"),
        fact(`memory after ${MANY_CALLS}`, after, " MiB"),
        atMost("memory at the end / after the warm-up", after / before, GROWTH_GOAL),
      ];
    }),
  );
}

async function callOften(client, count) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const { isError } = await client.callTool({
        name: "get_node_status",
        arguments: { node: "pve1" },
      });
      if (isError) throw new Error("get_node_status failed");
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function withServer(config, work) {
  const client = new Client({ name: "bench", version: "1.0.0" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER, config],
    // A line of the audit log for each call, which nobody reads here.
    stderr: "ignore",
  });
  await client.connect(transport);
  try {
    return await work(client, transport.pid);
  } finally {
    await client.close();
  }
}

function memoryRow(name, pid, field) {
  const value = memory(pid, field);
  return value === undefined ? notMeasured(name, "needs Linux") : fact(name, value, " MiB");
}

function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
