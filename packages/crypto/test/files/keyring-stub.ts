/** A keyring of a directory, behind the interface of the package: what stands for a desktop's keyring. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MODULE = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const at = (name) => __dirname + "/" + name;
appendFileSync(at("seen"), process.argv.join("\\n") + "\\n" + JSON.stringify(process.env) + "\\n");
appendFileSync(at("pids"), process.pid + "\\n");
const [fault, store = "0"] = readFileSync(at("fault"), "utf8").split(", store ");
const hang = () => new Promise((resolve) => setTimeout(resolve, 600_000));
// It ends with the run that it kills; what it does before that is done.
const killRun = () => process.kill(process.ppid, "SIGKILL");
exports.AsyncEntry = class {
  constructor(service, account, options) {
    if (options?.linux?.store !== "secret-service") throw new Error("not the Secret Service");
    this.path = at(service + "-" + account);
  }
  async getPassword() {
    if (fault === "hang") await hang();
    if (fault === "locked") throw new Error("unlock prompt was dismissed");
    return existsSync(this.path) ? readFileSync(this.path, "utf8") : null;
  }
  async setPassword(text) {
    appendFileSync(at("stores"), ".");
    const isMeant = store === "0" || readFileSync(at("stores"), "utf8").length === Number(store);
    const wrong = isMeant ? fault : "";
    if (wrong === "refuse") throw new Error("cannot store " + text);
    if (wrong === "hang on store") await hang();
    if (wrong === "die") {
      killRun();
      await hang();
    }
    if (wrong !== "lose") writeFileSync(this.path, text);
    if (wrong === "unsure") throw new Error("connection reset");
    if (wrong === "store and die") {
      killRun();
      await hang();
    }
  }
};
`;

/** What a keyring does wrong: always, or when something is stored for the nth time. */
export type KeyringFault =
  | ""
  | "hang"
  | "locked"
  | `${"refuse" | "hang on store" | "lose" | "unsure" | "die" | "store and die"}${"" | `, store ${number}`}`;

/** A keyring, and what it was told to do wrong. */
export interface KeyringStub {
  /** Where the package is found from. */
  readonly packageDirectory: string;
  fail(fault: KeyringFault): void;
  /** Puts something into the entry of an account. */
  put(account: string, text: string): void;
  get(account: string): string;
  /** The arguments and the environment of every process that loaded the package. */
  seen(): string;
  pids(): readonly number[];
}

/** Makes a keyring in a directory. */
export function keyringStub(directory: string): KeyringStub {
  const home = join(directory, "node_modules/@napi-rs/keyring");
  mkdirSync(home, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(home, name), text);
  const read = (name: string) => readFileSync(join(home, name), "utf8");
  write("package.json", JSON.stringify({ name: "@napi-rs/keyring", main: "index.js" }));
  write("index.js", MODULE);
  for (const name of ["fault", "seen", "pids", "stores"]) write(name, "");
  return {
    packageDirectory: directory,
    fail(fault) {
      write("fault", fault);
      write("stores", "");
    },
    put: (account, text) => write(`proxmox-mcp-${account}`, text),
    get: (account) => read(`proxmox-mcp-${account}`),
    seen: () => read("seen"),
    pids: () => read("pids").split("\n").filter(Boolean).map(Number),
  };
}
