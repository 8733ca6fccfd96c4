// Makes sealed configs for the cases of a rotation. A program of its own, because it waits for keys.
//
//   node bench/seal-configs.mjs KEYFILE DIRECTORY FILES TOKENS BYTES own|shared
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDeriver, createSealer, parseKeyText } from "../packages/crypto/dist/index.js";
import { configOfServers, EXAMPLE_SECRET } from "./configs.mjs";

const [keyFile, directory, files, tokens, bytes, salts] = process.argv.slice(2);
const { active } = parseKeyText(readFileSync(keyFile, "utf8"));
const deriver = createDeriver(Number.POSITIVE_INFINITY);
const newSealer = () =>
  createSealer({ key: active, deriver, now: () => new Date(), random: randomBytes });

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory);
const shared = newSealer();
await Promise.all(
  Array.from({ length: Number(files) }, async (_, index) => {
    const sealer = salts === "own" ? newSealer() : shared;
    const document = JSON.parse(
      configOfServers(Number(tokens), { size: Number(bytes) / Number(tokens) }),
    );
    for (const [name, server] of Object.entries(document.servers)) {
      server.token_secret = await sealer.seal(EXAMPLE_SECRET, `/servers/${name}/token_secret`);
    }
    const path = join(directory, `config-${String(index).padStart(5, "0")}.json`);
    writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600 });
  }),
);
