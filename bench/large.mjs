// A document of 10 MB with 10 000 secrets, and a half and a quarter of it.
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configOfServers } from "./configs.mjs";
import { inTurns, median, pairedMedian } from "./measure.mjs";
import { encryptTool, NODE } from "./programs.mjs";
import { atMost, fact } from "./table.mjs";

const BYTES_PER_SECRET = 1000;
const WHOLE = 10_000;
const HALF = 5_000;
const QUARTER = 2_500;
const MOST_ROUNDS = 5;
const MEMORY_GOAL = 10;
// Linear is 2 and 4; a fifth more is for noise, and for the collection of garbage.
const HALF_GOAL = 2.4;
const QUARTER_GOAL = 4.8;

// Each reads the file of so many secrets.
const COMMANDS = {
  "status, no key": (count) => encryptTool(["status", plain(count)], { withoutKey: true }),
  encrypt: (count) => encryptTool(["encrypt", plain(count), "-o", "new.json"]),
  "status with a key": (count) => encryptTool(["status", sealed(count)]),
  decrypt: (count) => encryptTool(["decrypt", sealed(count)]),
};

export function large({ programs, directory, rounds }) {
  for (const count of [1, QUARTER, HALF, WHOLE]) {
    const text = configOfServers(count, { size: BYTES_PER_SECRET });
    writeFileSync(join(directory, plain(count)), text, { mode: 0o600 });
    programs.time(encryptTool(["encrypt", plain(count)]));
  }
  const few = Math.min(rounds, MOST_ROUNDS);
  const megabytes = (name) => statSync(join(directory, name)).size / 1e6;
  return [
    fact(`the document of ${WHOLE} secrets`, megabytes(plain(WHOLE)), " MB"),
    fact("the same, encrypted", megabytes(sealed(WHOLE)), " MB"),
    ...Object.keys(COMMANDS).flatMap((name) =>
      timeRows(name, { programs, directory, rounds: few }),
    ),
    ...memoryRows({ programs, directory, rounds: few, megabytes }),
  ];
}

function timeRows(name, { programs, directory, rounds }) {
  const timeOf = (count) => () => {
    rmSync(join(directory, "new.json"), { force: true });
    return programs.time(COMMANDS[name](count));
  };
  // What one secret costs is start-up, and taken off.
  const wall = inTurns(rounds, {
    one: timeOf(1),
    quarter: timeOf(QUARTER),
    half: timeOf(HALF),
    whole: timeOf(WHOLE),
  });
  const growth = (part) =>
    pairedMedian([wall.whole, part, wall.one], (a, b, start) => (a - start) / (b - start));
  return [
    fact(`\`${name}\` of ${WHOLE} secrets`, median(wall.whole), " ms"),
    atMost(`\`${name}\`: time / of half the document`, growth(wall.half), HALF_GOAL),
    atMost(`\`${name}\`: time / of a quarter of it`, growth(wall.quarter), QUARTER_GOAL),
  ];
}

function memoryRows({ programs, directory, rounds, megabytes }) {
  const read = { "status with a key": sealed, decrypt: sealed };
  const peak = inTurns(rounds, {
    node: () => programs.peak(NODE),
    ...Object.fromEntries(
      Object.entries(COMMANDS).map(([name, command]) => [
        name,
        () => {
          rmSync(join(directory, "new.json"), { force: true });
          return programs.peak(command(WHOLE));
        },
      ]),
    ),
  });
  return Object.keys(COMMANDS).map((name) => {
    const size = megabytes((read[name] ?? plain)(WHOLE));
    const beyondNode = pairedMedian([peak[name], peak.node], (a, b) => a - b) * (2 ** 20 / 1e6);
    return atMost(
      `\`${name}\`: memory beyond node / size of the file`,
      beyondNode / size,
      MEMORY_GOAL,
    );
  });
}

function plain(count) {
  return `${count}.json`;
}

function sealed(count) {
  return `${count}.encrypted.json`;
}
