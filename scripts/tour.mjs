// The guided tour of `npm start`: the main job on a temporary copy of an example config. It needs a
// build, touches nothing of the user's, and ends with 0 only if every step did what it should.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fse from "fs-extra";

const root = fileURLToPath(new URL("..", import.meta.url));
const { env, stdout } = process;
const isColoured = stdout.isTTY && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";

const BINARIES = {
  "proxmox-mcp-encrypt": join(root, "packages/cli/bin/proxmox-mcp-encrypt.cjs"),
  "proxmox-mcp-server": join(root, "packages/server/bin/proxmox-mcp-server.cjs"),
  "mcp-client": join(root, "scripts/mcp-client.mjs"),
};
const OLD_SECRET = "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee";
const NEW_SECRET = "00000000-aaaa-bbbb-cccc-ffffffffffff";

const HEALTH_CHECK = {
  command: ["proxmox-mcp-server", "--test", "config.encrypted.json"],
  with: { PROXMOX_MCP_MASTER_KEY_FILE: ".proxmox_mcp_key" },
  shows: /ok +secrets +1 opened[\s\S]*Healthy/,
};

// Each command runs as the words say, in a fresh directory that is the home directory as well:
// `stdin` is handed in as `< FILE`, `with` is set for this command alone; a value in it may be what
// another command prints.
const STEPS = [
  {
    title: "Make a master key",
    why: "It opens every secret, so it lives in a file of its own that only you can read.",
    command: ["proxmox-mcp-encrypt", "generate-key"],
    shows: /A new master key is in .*\.proxmox_mcp_key/,
  },
  {
    title: "Look at a plain config",
    why: "This one is an example. Its API token stands there for everybody to read.",
    command: ["proxmox-mcp-encrypt", "status", "config.json", "--table"],
    shows: /\/auth\/token_value +plain /,
  },
  {
    title: "Encrypt it",
    why: "The result is a second file. The first stays as it is.",
    command: ["proxmox-mcp-encrypt", "encrypt", "config.json"],
    shows: /Encrypted 1 field of config\.json to config\.encrypted\.json/,
    afterwards: showDifference,
  },
  {
    title: "Look at the encrypted config",
    why: '"bound" means: encrypted, and tied to this field. "opens" means: your key fits.',
    command: ["proxmox-mcp-encrypt", "status", "config.encrypted.json", "--table"],
    shows: /\/auth\/token_value +bound .* opens \(/,
  },
  {
    title: "Change the secret",
    why: "The new value comes from standard input, or from a hidden prompt, never from an argument.",
    command: ["proxmox-mcp-encrypt", "set", "config.encrypted.json", "/auth/token_value"],
    stdin: "new-token.txt",
    shows: /Sealed a new value for \/auth\/token_value/,
  },
  {
    title: "Read one secret",
    why: "It is the new value.",
    command: [
      "proxmox-mcp-encrypt",
      "decrypt",
      "config.encrypted.json",
      "--field",
      "/auth/token_value",
    ],
    shows: new RegExp(`^${NEW_SECRET}\\r?\\n$`),
  },
  {
    title: "Ask the server whether it would start",
    why: "It reads the encrypted file and opens the secrets with the key. It contacts no host.",
    ...HEALTH_CHECK,
  },
  {
    title: "Rotate the master key",
    why: "The file moves to a new key, or stays as it is. Its old text is kept, and so is the old key.",
    command: ["proxmox-mcp-encrypt", "rotate-key", "config.encrypted.json"],
    shows: /Rotated 1 file to key [\s\S]*config\.encrypted\.json\.backup\.\d{8}_\d{6}/,
  },
  {
    title: "Ask the server again",
    why: "The file opens with the new key, which is now the first one in the key file.",
    ...HEALTH_CHECK,
  },
  {
    title: "Go back",
    why: "As you would if something did not work out: the backup takes its place again.",
    command: ["proxmox-mcp-encrypt", "backups", "restore", "config.encrypted.json"],
    shows: /Restored 1 file/,
  },
  {
    title: "Ask the server once more",
    why: "The old text opens, too: rotation never throws a key away. retire-key does, if you ask it to.",
    ...HEALTH_CHECK,
  },
  {
    title: "Make a second key",
    why: "As somebody would have who got hold of the file, but not of your key.",
    command: ["proxmox-mcp-encrypt", "generate-key", "-o", "other-key"],
    shows: /A new master key is in other-key/,
  },
  {
    title: "Try the wrong key",
    why: "It must fail: one line says what is wrong and what helps, and the exit status is 4.",
    command: ["proxmox-mcp-encrypt", "decrypt", "config.encrypted.json", "--key-file", "other-key"],
    exit: 4,
    shows:
      /^error\[NO_KEY_OPENS\]: config\.encrypted\.json:\d+:\d+ \/auth\/token_value: .* Way out: /,
  },
  {
    title: "Talk to the server",
    why:
      "As an assistant program does: a client starts the server, asks for its tools and calls one.\n" +
      "The server opens the encrypted config. --test-mode puts a simulated cluster in Proxmox's place.",
    command: [
      "mcp-client",
      "--call",
      "get_vms",
      "--",
      "proxmox-mcp-server",
      "--test-mode",
      "config.encrypted.json",
    ],
    with: HEALTH_CHECK.with,
    shows:
      /proxmox-mcp-server offers \d+ tools:[\s\S]*\n {2}get_vms [\s\S]*\nget_vms:\n[\s\S]*running/,
  },
  {
    title: "Make an API key for a client over HTTP",
    why: "It is random, and is encrypted in the config like the other secrets.",
    command: [
      "proxmox-mcp-encrypt",
      "set",
      "config.encrypted.json",
      "/http/api_keys/tour",
      "--generate",
      "hex32",
    ],
    shows: /Added \/http\/api_keys\/tour to config\.encrypted\.json, sealed/,
  },
  {
    title: "Talk to the server over HTTP",
    why:
      "The server listens, and the client shows its API key; without one it would get no answer.\n" +
      "Then the client lists the tools, and stops the server.",
    command: [
      "mcp-client",
      "--http",
      "--",
      "proxmox-mcp-server",
      "--transport",
      "http",
      "--test-mode",
      "config.encrypted.json",
    ],
    with: {
      ...HEALTH_CHECK.with,
      PROXMOX_MCP_API_KEY: {
        outputOf: [
          "proxmox-mcp-encrypt",
          "decrypt",
          "config.encrypted.json",
          "--field",
          "/http/api_keys/tour",
        ],
      },
    },
    shows: /proxmox-mcp-server offers \d+ tools:[\s\S]*\n {2}get_vms /,
  },
  {
    title: "Verify the audit log",
    why: "Every call of a tool is in it. Its lines are chained under the key, so that a change is found out.",
    command: ["proxmox-mcp-server", "audit", "verify", "audit.log"],
    with: HEALTH_CHECK.with,
    shows: /^whole: audit\.log, \d+ lines in 2 chains/,
  },
];

class Interrupted extends Error {}

let interruptedBy;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(name, () => {
    interruptedBy = name;
  });
}

// Whoever reads along may stop: then the directory is still removed.
stdout.on("error", () => {
  interruptedBy ??= "a closed output";
});

const world = realpathSync(fse.mkdtempSync(join(tmpdir(), "proxmox-mcp-tour-")));
const home = join(world, "home");
try {
  writeConfig();
  writeFileSync(join(home, "new-token.txt"), `${NEW_SECRET}\n`, { mode: 0o600 });
  say(`A tour of proxmox-mcp, in ${home}\n`);
  for (const [index, step] of STEPS.entries()) await take(step, index + 1);
} catch (error) {
  process.exitCode = error instanceof Interrupted ? 130 : 1;
  say(`\n${error.message}\n`);
} finally {
  fse.removeSync(world);
}
if (fse.pathExistsSync(world)) {
  process.exitCode = 1;
  say(`${world} could not be removed.\n`);
} else {
  say(`\nThe tour is over, and ${home} is removed again.\n`);
}
if (!process.exitCode) {
  say(`
Every step did what it should. Do the same with your own config:
  the two programs   ./node_modules/.bin/proxmox-mcp-encrypt --help
                     ./node_modules/.bin/proxmox-mcp-server --help
  read on            README.md, docs/server.md, docs/http.md, docs/rotation.md, docs/cli.md,
                     docs/threat-model.md
`);
}

async function take(step, number) {
  const { title, why, command, stdin, exit = 0, shows, afterwards } = step;
  say(`\n${bold(`${number}. ${title}`)}\n${why}\n\n`);
  say(`$ ${asTyped(step)}\n`);
  const { status, output } = run(command, stdin, valuesOf(step.with));
  say(output);
  if (exit !== 0) say(`(exit status ${status})\n`);
  // A signal that came while the command ran is delivered now.
  await setImmediate();
  if (interruptedBy !== undefined) throw new Interrupted(`Stopped by ${interruptedBy}.`);
  if (status !== exit) throw new Error(`Step ${number} ended with ${status} instead of ${exit}.`);
  if (!shows.test(output)) throw new Error(`Step ${number} did not say what it should: ${shows}`);
  afterwards?.();
}

function asTyped({ command, stdin, with: variables = {} }) {
  const settings = Object.entries(variables).map(
    ([name, value]) =>
      `${name}=${typeof value === "string" ? value : `$(${value.outputOf.join(" ")})`}`,
  );
  const redirection = stdin === undefined ? [] : ["<", stdin];
  return [...settings, ...command, ...redirection].join(" ");
}

/** The variables of a step, with what other commands print. */
function valuesOf(variables = {}) {
  const entries = Object.entries(variables).map(([name, value]) => [
    name,
    typeof value === "string" ? value : run(value.outputOf).output.trim(),
  ]);
  return Object.fromEntries(entries);
}

/** The example, with an audit log and a port that is free whatever else listens on this machine. */
function writeConfig() {
  const text = readFileSync(join(root, "examples/config.example.json"), "utf8");
  const config = { ...JSON.parse(text), http: { port: 0 }, audit: { file: "audit.log" } };
  fse.outputFileSync(join(home, "config.json"), `${JSON.stringify(config, null, 2)}\n`, {
    mode: 0o600,
  });
}

// Both streams go to one file, so that they stay in the order in which they were written.
function run([name, ...args], stdin, variables) {
  const log = join(world, "output");
  const output = openSync(log, "w");
  const input = stdin === undefined ? "ignore" : openSync(join(home, stdin), "r");
  const { status, signal, error } = spawnSync(process.execPath, [BINARIES[name], ...args], {
    cwd: home,
    env: {
      ...withoutOurs(env),
      PATH: `${join(root, "node_modules/.bin")}${delimiter}${env.PATH}`,
      HOME: home,
      USERPROFILE: home,
      NO_COLOR: "1",
      ...variables,
    },
    stdio: [input, output, output],
  });
  if (stdin !== undefined) closeSync(input);
  closeSync(output);
  if (error) throw error;
  return { status: status ?? signal, output: readFileSync(log, "utf8") };
}

/** The user's own settings must not lead the tour elsewhere. */
function withoutOurs(variables) {
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !/^PROXMOX_MCP_/i.test(name) && name !== "CREDENTIALS_DIRECTORY",
    ),
  );
}

function showDifference() {
  const [before, after] = ["config.json", "config.encrypted.json"].map((name) =>
    readFileSync(join(home, name), "utf8").split("\n"),
  );
  const changed = before.flatMap((line, index) => (line === after[index] ? [] : [index]));
  say("\nThe one line that differs:\n");
  for (const index of changed) say(`- ${before[index]}\n+ ${shortened(after[index])}\n`);
  const isAlone = changed.length === 1 && before.length === after.length;
  if (!isAlone || after.join("\n").includes(OLD_SECRET)) {
    throw new Error("The encrypted config differs otherwise than in its one secret.");
  }
}

function shortened(line) {
  return line.length <= 76 ? line : `${line.slice(0, 64)}... (${line.length} characters)`;
}

function bold(text) {
  return isColoured ? `\u001b[1m${text}\u001b[22m` : text;
}

function say(text) {
  stdout.write(text);
}
