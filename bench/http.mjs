// The server over HTTP: 500 calls at once in front of a simulated cluster of 1 000 guests, whether
// memory stays flat, and what its doors and records add to a call. The load comes from this process, so
// that neither its work nor that of the cluster is measured as the server's; with two cores the three
// share them, and times say less than ratios.
import { join } from "node:path";
import { bundleSimulator, withCluster } from "./cluster.mjs";
import { API_KEY, createCaller, inFlight, withHttpServer } from "./http-server.mjs";
import { bundleWithout, PARTS } from "./http-without.mjs";
import { median, pairedMedian, percentile } from "./measure.mjs";
import { memory } from "./memory.mjs";
import { atMost, fact, notMeasured } from "./table.mjs";

const GUESTS = 1000;
const AT_ONCE = 500;
const MANY_CALLS = 50_000;
// So many of them for each round, so that few rounds are a quick look.
const CALLS_A_ROUND = 2500;
const WIDTH = 16;
const TENTHS = 10;
const GROWTH_GOAL = 1.1;
const BATCH = 200;
const MOST_ROUNDS = 15;

export async function http({ directory, rounds }) {
  const script = join(directory, "simulator.cjs");
  await bundleSimulator(script);
  const few = Math.min(rounds, MOST_ROUNDS);
  return [
    ...(await atOnce({ directory, script, rounds: few })),
    ...(await memoryOverCalls({
      directory,
      script,
      calls: Math.min(MANY_CALLS, CALLS_A_ROUND * rounds),
    })),
    ...(await whatPartsAdd({ directory, script, rounds: few })),
  ];
}

/** Limits that no load meets, and the rest as it is by default. */
function sections(directory) {
  return {
    http: {
      port: 0,
      api_keys: { bench: API_KEY },
      rate_limit: { per_minute: 1_000_000, per_minute_per_address: 1_000_000 },
    },
    audit: { file: join(directory, "audit.jsonl") },
  };
}

function atOnce({ directory, script, rounds }) {
  return withCluster({ directory, script, guests: GUESTS }, ({ place }) =>
    withHttpServer({ config: place(sections(directory)) }, async ({ url, pid }) => {
      const { call, close } = createCaller(url);
      await inFlight(WIDTH, BATCH, () => call("get_vms"));
      const times = [];
      const start = performance.now();
      for (let round = 0; round < rounds; round += 1) {
        times.push(...(await inFlight(AT_ONCE, AT_ONCE, () => call("get_vms"))));
      }
      const seconds = (performance.now() - start) / 1000;
      close();
      const name = `${AT_ONCE} \`get_vms\` at once, ${GUESTS} guests`;
      return [
        // The first call that fails ends the measurement.
        fact(`${name}: calls, all of them answered`, times.length),
        fact(`${name}: median`, median(times), " ms"),
        fact(`${name}: 95 of 100`, percentile(times, 0.95), " ms"),
        fact(`${name}: 99 of 100`, percentile(times, 0.99), " ms"),
        fact(`${name}: answers a second`, times.length / seconds),
        memoryRow(`${name}: peak memory`, pid),
      ];
    }),
  );
}

function memoryOverCalls({ directory, script, calls }) {
  return withCluster({ directory, script, guests: 10 }, ({ place }) =>
    withHttpServer({ config: place(sections(directory)) }, async ({ url, ask }) => {
      const { call, close } = createCaller(url);
      const heaps = [];
      const start = performance.now();
      for (let tenth = 0; tenth < TENTHS; tenth += 1) {
        await inFlight(WIDTH, calls / TENTHS, () => call("get_node_status", { node: "pve1" }));
        heaps.push((await ask("heap")) / 2 ** 20);
      }
      const seconds = (performance.now() - start) / 1000;
      close();
      const [first, last] = [heaps[0], heaps.at(-1)];
      return [
        fact(`${calls} calls of \`get_node_status\`, ${WIDTH} at a time`, seconds, " s"),
        fact("heap after the first tenth of them", first, " MiB"),
        fact("heap after the last", last, " MiB"),
        atMost("heap after the last tenth / after the first", last / first, GROWTH_GOAL),
      ];
    }),
  );
}

/**
 * Processor time of the server for a call, with everything and without one part each: the cheapest call,
 * so that the part shows most. All servers run at once and are asked in turns.
 */
async function whatPartsAdd({ directory, script, rounds }) {
  const names = ["nothing", ...Object.keys(PARTS)];
  const programs = await Promise.all(names.map((name) => bundleWithout(name, directory)));
  return withCluster({ directory, script, guests: 10 }, ({ place }) => {
    const withServers = async ([program, ...others], servers) => {
      if (program === undefined) return await compare(servers, names, rounds);
      const config = place(sections(directory), `${servers.length}.json`);
      return await withHttpServer({ config, program }, (server) =>
        withServers(others, [...servers, server]),
      );
    };
    return withServers(programs, []);
  });
}

async function compare(servers, names, rounds) {
  const subjects = servers.map(({ url, ask }) => {
    const { call, close } = createCaller(url);
    const measure = async () => {
      const before = await ask("processor");
      await inFlight(WIDTH, BATCH, () => call("get_nodes"));
      return ((await ask("processor")) - before) / BATCH;
    };
    return { measure, close };
  });
  // What is compiled late is compiled for all.
  for (let turn = 0; turn < 5; turn += 1) {
    for (const { measure } of subjects) await measure();
  }
  const measured = subjects.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes first is another one each time.
    for (let index = 0; index < subjects.length; index += 1) {
      const turn = (index + round) % subjects.length;
      measured[turn].push(await subjects[turn].measure());
    }
  }
  for (const { close } of subjects) close();
  const [everything, ...lists] = measured;
  return [
    fact("`get_nodes` over HTTP: processor time of the server", median(everything) / 1000, " ms"),
    ...lists.map((without, index) =>
      fact(
        `the same with / without ${names[index + 1]}`,
        pairedMedian([everything, without], (a, b) => a / b),
      ),
    ),
  ];
}

function memoryRow(name, pid) {
  const value = memory(pid, "VmHWM");
  return value === undefined ? notMeasured(name, "needs Linux") : fact(name, value, " MiB");
}
