/** Every command that writes, on the files of `fixtures.ts`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { KEY } from "../material.ts";
import {
  type ConfigPath,
  jsonConfig,
  keyFlag,
  PLAIN,
  paths,
  SECRETS,
  writeEncrypted,
  writePlain,
  writeRotated,
} from "./fixtures.ts";
import { type Config, type Scenario, writeFiles } from "./scenario.ts";

const values = Object.values(SECRETS);
const unchanged: readonly Config[] = Object.entries(PLAIN).map(([path, text]) => ({
  path,
  before: text,
  after: text,
}));
const only = (path: ConfigPath): readonly Config[] =>
  unchanged.filter((config) => config.path === path);

const encryptInPlace: Scenario = {
  name: "encrypt --in-place",
  async arrange({ tree }) {
    writePlain(tree);
  },
  argv: (tree) => ["encrypt", join(tree, "one/servers.yaml"), "--in-place", ...keyFlag(tree)],
  configs: only("one/servers.yaml"),
  secrets: values,
  key: "active",
  // There is never a backup of a plain secret.
  backups: [0, 0],
};

const setValue: Scenario = {
  name: "set",
  arrange: writeEncrypted,
  argv: (tree) => ["set", join(tree, "one/config.json"), "/auth/token_value", ...keyFlag(tree)],
  input: SECRETS.next,
  configs: [
    { path: "one/config.json", before: PLAIN["one/config.json"], after: jsonConfig(SECRETS.next) },
  ],
  secrets: values,
  key: "active",
  backups: [0, 1],
};

/** Three files of three formats in two directories, the key file in a third. */
export const rotateKey: Scenario = {
  name: "rotate-key",
  arrange: writeEncrypted,
  argv: (tree) => ["rotate-key", ...paths(tree), ...keyFlag(tree), "--yes"],
  configs: unchanged,
  secrets: values,
  key: "fresh",
  backups: [1, 1],
};

const retireKey: Scenario = {
  name: "retire-key",
  arrange: writeRotated,
  argv: (tree) => [
    "retire-key",
    join(tree, "one"),
    join(tree, "two"),
    ...keyFlag(tree),
    "--archive-key",
    join(tree, "keys/archive.key"),
    "--yes",
  ],
  configs: unchanged,
  secrets: values,
  key: "active",
  backups: [0, 0],
  isDone: (keyText) => keyText.trim().split(/\s+/).length === 1,
};

const restoreBackup: Scenario = {
  name: "backups restore",
  arrange: writeRotated,
  argv: (tree) => {
    const [backup] = readdirSync(join(tree, "one")).filter((name) =>
      name.startsWith("config.json.backup."),
    );
    const stamp = /\.backup\.(\d{8}_\d{6})$/.exec(backup ?? "")?.[1] ?? "no backup is there";
    return ["backups", "restore", ...paths(tree), "--stamp", stamp, ...keyFlag(tree), "--yes"];
  },
  configs: unchanged,
  secrets: values,
  key: "retired",
  backups: [1, 1],
};

const retireWithBackups: Scenario = {
  ...retireKey,
  name: "retire-key --delete-backups",
  argv: (tree) => [
    "retire-key",
    join(tree, "one"),
    join(tree, "two"),
    ...keyFlag(tree),
    "--delete-backups",
    "--yes",
  ],
  dropsBackups: true,
  dropsKeys: true,
};

export const rotateToNewFile: Scenario = {
  ...rotateKey,
  name: "rotate-key --new-key-out",
  argv: (tree) => [
    "rotate-key",
    ...paths(tree),
    "--new-key-out",
    join(tree, "keys/new.key"),
    "--yes",
  ],
  env: () => ({ PROXMOX_MCP_MASTER_KEY: KEY }),
};

const rotateWithSink: Scenario = {
  ...rotateKey,
  name: "rotate-key --new-key-sink",
  async arrange(place) {
    await writeEncrypted(place);
    writeFiles(place.tree, { "store/key": `${KEY}\n` }, 0o600);
    // A store takes the whole text or nothing.
    const store = 'cd "${0%/*}" && umask 077 && cat > new && sync new && mv new key && sync .\n';
    writeFiles(place.tree, { "store/put.sh": store }, 0o600);
  },
  argv: (tree) => [
    "rotate-key",
    ...paths(tree),
    "--new-key-sink",
    `sh ${join(tree, "store/put.sh")}`,
    "--yes",
  ],
  env: (tree) => ({ PROXMOX_MCP_MASTER_KEY_COMMAND: `cat ${join(tree, "store/key")}` }),
};

export const prepareKey: Scenario = {
  name: "prepare-key",
  arrange: writeEncrypted,
  argv: (tree) => ["prepare-key", ...keyFlag(tree)],
  configs: [],
  secrets: values,
  key: "fresh",
  backups: [0, 0],
  isDone: (keyText) => keyText.includes("next:"),
};

/** The commands that write. */
export const commands: readonly Scenario[] = [
  encryptInPlace,
  setValue,
  rotateKey,
  retireKey,
  restoreBackup,
];

/** The same, and the other ways in which some of them go. */
export const scenarios: readonly Scenario[] = [
  ...commands,
  retireWithBackups,
  rotateToNewFile,
  rotateWithSink,
  prepareKey,
];
