// One secret in one file: what starting the programs costs over starting Node.
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLE_SECRET, SMALL_CONFIG } from "./configs.mjs";
import { DERIVATION } from "./derivation.mjs";
import { inTurns, median, pairedMedian } from "./measure.mjs";
import { encryptTool, NODE, serverTool } from "./programs.mjs";
import { atMost, fact } from "./table.mjs";

const WALL_GOAL = 1.5;
const MEMORY_GOAL = 48;
const MEMORY_GOAL_WITHOUT_KEY = 45;

const STATUS = encryptTool(["status", "config.json"], { withoutKey: true });
const WITH_KEY = {
  "status with a key": encryptTool(["status", "sealed.json"]),
  encrypt: encryptTool(["encrypt", "config.json", "-o", "new.json"]),
  decrypt: encryptTool(["decrypt", "sealed.json"]),
  set: encryptTool(["set", "changing.json", "/auth/token_value"], { input: EXAMPLE_SECRET }),
  "--test": serverTool(["--test", "sealed.json"]),
};

export function startup({ programs, directory, rounds }) {
  writeFileSync(join(directory, "config.json"), SMALL_CONFIG, { mode: 0o600 });
  programs.time(encryptTool(["encrypt", "config.json", "-o", "sealed.json"]));
  copyFileSync(join(directory, "sealed.json"), join(directory, "changing.json"));

  const commands = { node: NODE, derivation: DERIVATION, status: STATUS, ...WITH_KEY };
  const measureEach = (measure) =>
    Object.fromEntries(
      Object.entries(commands).map(([name, command]) => [
        name,
        () => {
          rmSync(join(directory, "new.json"), { force: true });
          return measure(command);
        },
      ]),
    );
  const wall = inTurns(
    rounds,
    measureEach((command) => programs.time(command)),
  );
  const peak = inTurns(
    Math.min(rounds, 5),
    measureEach((command) => programs.peak(command)),
  );

  const overNode = (name) => pairedMedian([wall[name], wall.node], (a, b) => a / b);
  const overNodeLessDerivation = (name) =>
    pairedMedian(
      [wall[name], wall.derivation, wall.node],
      (time, derivation, node) => (time - (derivation - node)) / node,
    );
  return [
    fact("`node -e 0`: time", median(wall.node), " ms"),
    fact("`node -e 0`: peak memory", median(peak.node), " MiB"),
    fact(
      "one derivation, beyond node",
      pairedMedian([wall.derivation, wall.node], (derivation, node) => derivation - node),
      " ms",
    ),
    atMost("`status`, no key: time / node", overNode("status"), WALL_GOAL),
    ...Object.keys(WITH_KEY).map((name) =>
      atMost(`\`${name}\`: (time - derivation) / node`, overNodeLessDerivation(name), WALL_GOAL),
    ),
    atMost("`status`, no key: peak memory", median(peak.status), MEMORY_GOAL_WITHOUT_KEY, " MiB"),
    ...Object.keys(WITH_KEY).map((name) =>
      atMost(`\`${name}\`: peak memory`, median(peak[name]), MEMORY_GOAL, " MiB"),
    ),
  ];
}
