// A new key for a thousand files, and what it costs beside the derivations.
import { fileURLToPath } from "node:url";
import { inTurns, median, pairedMedian } from "./measure.mjs";
import { encryptTool } from "./programs.mjs";
import { rotationCosts } from "./rotation-costs.mjs";
import { atLeast, atMost, fact, notMeasured } from "./table.mjs";

const FILES = 1000;
const TOKENS = 10;
const SMALL = 2500;
const MEGABYTE = 1_000_000;
const MOST_ROUNDS = 3;

const FLOOR_GOAL = 1.5;
// Seconds a file that the Python tool takes on one core, measured once on such a machine.
const ORIGINAL_SECONDS = 0.37;
const ORIGINAL_GOAL = 12;
const MEMORY_GOAL = 120;
const FLAT_GOAL = 1.3;
const LINEAR_GOAL = 2.4;

export function rotation({ programs, directory, rounds }) {
  const few = Math.min(rounds, MOST_ROUNDS);
  const place = { programs, directory, rounds: few };
  return [...manySalts(place), ...oneSalt(place), ...memory(place), ...rotationCosts(directory)];
}

function manySalts({ programs, directory, rounds }) {
  const measured = inTurns(rounds, {
    floor: () => programs.time(script("derive-many.mjs", FILES + 1)),
    rotation() {
      seal(programs, directory, { files: FILES, salts: "own" });
      return programs.time(rotate());
    },
    again: () => programs.time(rotate()),
  });
  return [
    fact(`${FILES} files of ${TOKENS} tokens, a salt each`, median(measured.rotation) / 1000, " s"),
    atMost(
      "the same / its derivations on all cores",
      pairedMedian([measured.rotation, measured.floor], (a, b) => a / b),
      FLOOR_GOAL,
    ),
    atLeast(
      "how often faster than the Python tool's 0.37 s a file",
      (ORIGINAL_SECONDS * FILES * 1000) / median(measured.rotation),
      ORIGINAL_GOAL,
    ),
    fact("at once again, all files sharing a salt", median(measured.again) / 1000, " s"),
  ];
}

function oneSalt({ programs, directory, rounds }) {
  const timeOf = (files) => () => {
    seal(programs, directory, { files, salts: "shared" });
    return programs.time(rotate());
  };
  const wall = inTurns(rounds, { one: timeOf(1), half: timeOf(FILES / 2), whole: timeOf(FILES) });
  return [
    atMost(
      `${FILES} files that share a salt: time / of half as many`,
      pairedMedian([wall.whole, wall.half, wall.one], (a, b, start) => (a - start) / (b - start)),
      LINEAR_GOAL,
    ),
  ];
}

function memory({ programs, directory }) {
  if (process.platform !== "linux") return [notMeasured("peak memory", "needs Linux")];
  const peakOf = ({ files, bytes }) => {
    seal(programs, directory, { files, bytes, salts: "shared" });
    return programs.peak(rotate());
  };
  const cases = [
    { files: 100, bytes: SMALL },
    { files: 10_000, bytes: SMALL },
    { files: 100, bytes: MEGABYTE },
    { files: 1000, bytes: MEGABYTE },
  ].map((one) => ({ ...one, peak: peakOf(one) }));
  const [few, many] = cases;
  const perFile = ((many.peak - few.peak) * 1024) / (many.files - few.files);
  return [
    ...cases.map(({ files, bytes, peak }) => {
      const size = bytes === MEGABYTE ? "1 MB" : "2.5 kB";
      return atMost(`peak memory, ${files} files of ${size}`, peak, MEMORY_GOAL, " MiB");
    }),
    atMost(
      `peak memory, ${many.files} files of 2.5 kB / ${few.files} files`,
      many.peak / few.peak,
      FLAT_GOAL,
    ),
    fact("what each further file takes", perFile, " KiB"),
  ];
}

function seal(programs, directory, { files, bytes = SMALL, salts }) {
  programs.time(
    script(
      "seal-configs.mjs",
      `${directory}/master-key`,
      `${directory}/configs`,
      files,
      TOKENS,
      bytes,
      salts,
    ),
  );
}

function rotate() {
  return encryptTool(["rotate-key-all", "configs", "--json"]);
}

function script(name, ...args) {
  return { args: [fileURLToPath(new URL(name, import.meta.url)), ...args.map(String)] };
}
