// What the care of a rotation costs for each file of ten tokens: three promises, measured apart.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { printFernet, sealFernet } from "../packages/crypto/dist/fernet.js";
import { hashFile } from "../packages/crypto/dist/files/read.js";
import { configOfServers, EXAMPLE_SECRET } from "./configs.mjs";
import { median, milliseconds } from "./measure.mjs";
import { fact } from "./table.mjs";

const ROUNDS = 200;
const TOKENS = 10;

const require = createRequire(new URL("../packages/crypto/package.json", import.meta.url));

export function rotationCosts(directory) {
  const text = configOfServers(TOKENS, { size: 250 });
  return [
    fact("second opinion by npm fernet, a file", costOf(secondOpinion()), " ms"),
    fact("read-back, a file", costOf(readBack(directory, text)), " ms"),
    fact("writing and flushing, a file", costOf(flush(directory, text)), " ms"),
  ];
}

function costOf(work) {
  return median(Array.from({ length: ROUNDS }, (_, round) => milliseconds(() => work(round))));
}

function secondOpinion() {
  const fernet = require("fernet");
  const key = randomBytes(32);
  const secret = new fernet.Secret(key.toString("base64"));
  const plaintext = Buffer.from(EXAMPLE_SECRET);
  const timestamp = BigInt(Math.floor(Date.now() / 1000));
  const token = printFernet(sealFernet({ plaintext, timestamp, iv: randomBytes(16) }, key));
  return () => {
    for (let count = 0; count < TOKENS; count += 1) {
      new fernet.Token({ secret, token, ttl: 0 }).decode();
    }
  };
}

// Once before the rename, once after it; the old text is read twice more, to see that it stayed.
function readBack(directory, text) {
  const path = join(directory, "read-back");
  writeFileSync(path, text);
  return () => {
    for (let count = 0; count < 4; count += 1) hashFile(path);
  };
}

function flush(directory, text) {
  return (round) => {
    const descriptor = openSync(join(directory, `flush-${round}`), "w");
    writeSync(descriptor, text);
    fsyncSync(descriptor);
    closeSync(descriptor);
  };
}
