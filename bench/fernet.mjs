// Our Fernet against others: text to token and back, with the same key.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { drawAhead } from "../packages/crypto/dist/draw-ahead.js";
import { decodeUtf8, encodeUtf8 } from "../packages/crypto/dist/encoding.js";
import {
  decryptFernet,
  parseFernet,
  printFernet,
  sealFernet,
  verifyFernet,
} from "../packages/crypto/dist/fernet.js";
import { EXAMPLE_SECRET } from "./configs.mjs";
import { inTurns, milliseconds, pairedMedian } from "./measure.mjs";
import { atLeast, notMeasured } from "./table.mjs";

const require = createRequire(new URL("../packages/crypto/package.json", import.meta.url));
const npmFernet = require("fernet");

const KEY = randomBytes(32);
const BATCH_SECONDS = 0.05;
const SIZES = [
  { size: "36 bytes", text: EXAMPLE_SECRET, npmGoal: 12 },
  { size: "1 MB", text: EXAMPLE_SECRET.repeat(1e6 / EXAMPLE_SECRET.length), npmGoal: 40 },
];

const random = drawAhead(randomBytes);

const ours = {
  seal(text) {
    const timestamp = BigInt(Math.floor(Date.now() / 1000));
    return printFernet(sealFernet({ plaintext: encodeUtf8(text), timestamp, iv: random(16) }, KEY));
  },
  open(text) {
    const token = parseFernet(text);
    if (!verifyFernet(token, KEY)) throw new Error("this is no token of our key");
    return decodeUtf8(decryptFernet(token, KEY));
  },
};

const secret = new npmFernet.Secret(KEY.toString("base64"));
const npm = {
  seal: (text) => new npmFernet.Token({ secret, ttl: 0 }).encode(text),
  open: (token) => new npmFernet.Token({ secret, token, ttl: 0 }).decode(),
};

export function fernet({ rounds }) {
  const hasPython = python("seal", "x", 0) !== undefined;
  return SIZES.flatMap((size) => [
    ...against("npm fernet", size.npmGoal, size, rounds, npmRate),
    ...(hasPython
      ? against("python3-cryptography", 1, size, rounds, python)
      : [notMeasured(`Fernet, ${size.size}, against python3-cryptography`, "not installed")]),
  ]);
}

function against(other, goal, { size, text }, rounds, rateOf) {
  const token = ours.seal(text);
  if (npm.open(token) !== text || ours.open(npm.seal(text)) !== text) {
    throw new Error("the two implementations disagree");
  }
  return ["seal", "open"].map((action) => {
    const input = action === "seal" ? text : token;
    const measured = inTurns(rounds, {
      ours: () => rate(() => ours[action](input), BATCH_SECONDS),
      theirs: () => rateOf(action, input, BATCH_SECONDS),
    });
    return atLeast(
      `${action} ${size}: operations a second / ${other}`,
      pairedMedian([measured.ours, measured.theirs], (a, b) => a / b),
      goal,
    );
  });
}

function npmRate(action, input, seconds) {
  return rate(() => npm[action](input), seconds);
}

/** Operations a second, in a batch that is made larger until it takes long enough. */
function rate(operation, seconds) {
  for (let count = 1; ; count *= 2) {
    const elapsed = milliseconds(() => {
      for (let index = 0; index < count; index += 1) operation();
    });
    if (elapsed >= seconds * 1000) return (count / elapsed) * 1000;
  }
}

const SCRIPT = `
import sys, time
from cryptography.fernet import Fernet

action, key, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
text = sys.stdin.read()
fernet = Fernet(key)
work = {
    "seal": lambda: fernet.encrypt(text.encode()).decode(),
    "open": lambda: fernet.decrypt(text.encode()).decode(),
}[action]
count = 1
while True:
    start = time.perf_counter()
    for _ in range(count):
        work()
    elapsed = time.perf_counter() - start
    if elapsed >= seconds:
        break
    count *= 2
print(count / elapsed)
`;

/** The same in Python. @returns `undefined` where it, or its package, is missing. */
function python(action, input, seconds) {
  const key = KEY.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  const { status, stdout } = spawnSync("python3", ["-c", SCRIPT, action, key, String(seconds)], {
    input,
    encoding: "utf8",
  });
  return status === 0 ? Number(stdout) : undefined;
}
