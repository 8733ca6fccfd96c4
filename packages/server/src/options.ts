/** The command line of proxmox-mcp-server. */
import { parseArgs } from "node:util";
import { didYouMean, ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** What was asked for. */
export interface Options {
  readonly action: "help" | "version" | "test" | "serve";
  /** The config as named on the command line. */
  readonly config: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyEnv: string | undefined;
  readonly json: boolean;
  readonly debug: boolean;
}

const OPTIONS = {
  test: { type: "boolean" },
  config: { type: "string" },
  "key-file": { type: "string" },
  "key-env": { type: "string" },
  json: { type: "boolean" },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** The text of `--help`. */
export const HELP = `Usage: proxmox-mcp-server [options] [CONFIG]

A server for Proxmox VE that reads encrypted configs.

  --test            check the config and the key offline, and exit
  --config FILE     the config, JSON or YAML (default: $PROXMOX_MCP_CONFIG)
  --key-file FILE   read the master key from a file
  --key-env NAME    read the master key from a variable
  --json            print the report of --test as JSON
  --debug           log what is done to standard error
  -h, --help        print this help
  -V, --version     print the version

The master key comes from --key-file or --key-env, else from the environment:
PROXMOX_MCP_MASTER_KEY, PROXMOX_MCP_MASTER_KEY_FILE, PROXMOX_MCP_MASTER_KEY_COMMAND, or systemd's
credential proxmox-mcp-master-key. PROXMOX_MCP_REQUIRE_BOUND=true refuses every secret that is not
a bound token.

Examples:
  proxmox-mcp-server --test config.json
  PROXMOX_MCP_MASTER_KEY_FILE=~/.proxmox_mcp_key proxmox-mcp-server --test --config config.yaml
  proxmox-mcp-server --test --json config.json

Exit status of --test: 0 the server would start; 2 usage; 3 key missing or unusable; 4 no key opens
a secret; 5 config missing, malformed or against the schema; 6 token malformed, misplaced or not
bound. With several problems it is that of the first one in the report.
`;

/** Reads the arguments. @throws ProxmoxMcpError USAGE */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "option") requireOption(token.name, token.rawName, token.value);
  }
  const named = [...positionals, ...[values.config].filter((path) => typeof path === "string")];
  if (named.length > 1) throw usage("more than one config is named", "name one config");
  return {
    action: actionOf(values),
    config: named[0],
    keyFile: textOf(values["key-file"]),
    keyEnv: textOf(values["key-env"]),
    json: values.json === true,
    debug: values.debug === true,
  };
}

function requireOption(name: string, rawName: string, value: string | undefined): void {
  if (!isOption(name)) {
    const known = Object.keys(OPTIONS).map((option) => `--${option}`);
    // What looks like no option may be a secret that went astray.
    const shown = /^--?[a-z][a-z-]{0,31}$/.test(rawName) ? ` ${rawName}` : "";
    throw usage(`unknown option${shown}${didYouMean(rawName, known)}`, "see --help");
  }
  if (OPTIONS[name].type === "boolean" && value !== undefined) {
    throw usage(`${rawName} takes no value`, "see --help");
  }
  if (OPTIONS[name].type === "string" && (value === undefined || value === "")) {
    throw usage(`${rawName} wants a value`, "see --help");
  }
}

function isOption(name: string): name is keyof typeof OPTIONS {
  return Object.hasOwn(OPTIONS, name);
}

function actionOf(values: Readonly<Record<string, unknown>>): Options["action"] {
  if (values["help"] === true) return "help";
  if (values["version"] === true) return "version";
  return values["test"] === true ? "test" : "serve";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function usage(message: string, hint: string): ProxmoxMcpError {
  return new ProxmoxMcpError("USAGE", message, { hint });
}
