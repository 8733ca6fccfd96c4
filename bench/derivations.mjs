// How often a key is derived, and on how many cores.
import { rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configOfServers, EXAMPLE_SECRET, secretField } from "./configs.mjs";
import { measureDerivation } from "./derivation.mjs";
import { inTurns, pairedMedian } from "./measure.mjs";
import { encryptTool } from "./programs.mjs";
import { atMost, fact } from "./table.mjs";

const SECRETS = 100;
const SALTS = 20;
// A fifth above the floor is for what cannot be shared out: start-up, and the last derivation.
const CORES_GOAL = 1.2;

export function derivations({ programs, directory, rounds }) {
  return [...oneSalt(programs, directory, rounds), ...manySalts(programs, directory, rounds)];
}

function oneSalt(programs, directory, rounds) {
  writeFileSync(join(directory, "one.json"), configOfServers(1), { mode: 0o600 });
  writeFileSync(join(directory, "hundred.json"), configOfServers(SECRETS), { mode: 0o600 });
  programs.time(encryptTool(["encrypt", "one.json"]));
  programs.time(encryptTool(["encrypt", "hundred.json"]));

  const encrypt = (file) => encryptTool(["encrypt", file, "-o", "new.json"]);
  const decrypt = (file) => encryptTool(["decrypt", file]);
  const wall = inTurns(rounds, {
    decryptOne: () => programs.time(decrypt("one.encrypted.json")),
    decryptHundred: () => programs.time(decrypt("hundred.encrypted.json")),
    encryptOne: () => timeToNewFile(programs, directory, encrypt("one.json")),
    encryptHundred: () => timeToNewFile(programs, directory, encrypt("hundred.json")),
  });
  rmSync(join(directory, "new.json"));
  const over = (hundred, one) => pairedMedian([wall[hundred], wall[one]], (a, b) => a / b);
  return [
    atMost(
      `encrypt ${SECRETS} secrets: derivations`,
      leastLimit(programs, encrypt("hundred.json")),
      1,
    ),
    atMost(
      `decrypt ${SECRETS} secrets: derivations`,
      leastLimit(programs, decrypt("hundred.encrypted.json")),
      1,
    ),
    fact(`encrypt ${SECRETS} secrets: time / one secret`, over("encryptHundred", "encryptOne")),
    fact(`decrypt ${SECRETS} secrets: time / one secret`, over("decryptHundred", "decryptOne")),
  ];
}

function timeToNewFile(programs, directory, command) {
  rmSync(join(directory, "new.json"), { force: true });
  return programs.time(command);
}

/** The program refuses to go beyond a limit: the least one that it can live with is what it does. */
function leastLimit(programs, { args, ...command }) {
  let limit = 1;
  while (!programs.succeeds({ ...command, args: [...args, "--max-derivations", String(limit)] })) {
    limit += 1;
  }
  return limit;
}

function manySalts(programs, directory, rounds) {
  const cores = availableParallelism();
  writeFileSync(join(directory, "salts.json"), configOfServers(SALTS), { mode: 0o600 });
  for (let index = 0; index < SALTS; index += 1) {
    const args = ["set", "salts.json", secretField(index), "--unbound"];
    programs.time(encryptTool(args, { input: EXAMPLE_SECRET }));
  }
  const status = ["status", "salts.json"];
  const wall = inTurns(rounds, {
    withKey: () => programs.time(encryptTool(status)),
    withoutKey: () => programs.time(encryptTool(status, { withoutKey: true })),
    derivation: measureDerivation,
  });
  return [
    atMost(
      `${SALTS} salts on ${cores} cores: time / (${SALTS} derivations / cores)`,
      pairedMedian(
        [wall.withKey, wall.withoutKey, wall.derivation],
        (withKey, withoutKey, derivation) =>
          (withKey - withoutKey) / ((SALTS * derivation) / cores),
      ),
      CORES_GOAL,
    ),
  ];
}
