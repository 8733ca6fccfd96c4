/** The command line of proxmox-mcp-server. */
import { withKeyringAccount } from "@proxmox-mcp/crypto/internal";
import { readCommandLine, textOf, usage } from "./command-line.ts";
import type { Serving, Transport } from "./config/transport.ts";

/** What was asked for. */
export interface Options extends Serving {
  readonly action: "help" | "version" | "test" | "test-connection" | "serve";
  /** The config as named on the command line. */
  readonly config: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyEnv: string | undefined;
  /** The account of a keyring entry. */
  readonly keyring: string | undefined;
  /** Whether the config is loaded again when one of its files changes. */
  readonly watch: boolean;
  /** With `test`: ask the Proxmox host, too. */
  readonly online: boolean;
  /** With `test-connection`: ask and tell more. */
  readonly verbose: boolean;
  /** Put a simulated cluster in the place of the host. */
  readonly testMode: boolean;
  readonly json: boolean;
  readonly debug: boolean;
}

const COMMAND = "test-connection";
const HOW = "see --help";

const OPTIONS = {
  test: { type: "boolean" },
  online: { type: "boolean" },
  verbose: { type: "boolean", short: "v" },
  config: { type: "string" },
  "key-file": { type: "string" },
  "key-env": { type: "string" },
  keyring: { type: "string" },
  transport: { type: "string" },
  "insecure-no-auth": { type: "boolean" },
  "no-watch": { type: "boolean" },
  "test-mode": { type: "boolean" },
  json: { type: "boolean" },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** The text of `--help`. */
export const HELP = `Usage: proxmox-mcp-server [options] [CONFIG]
       proxmox-mcp-server test-connection [-v] [options] [CONFIG]
       proxmox-mcp-server audit tail|verify|export [--help]

Serves the tools of a Proxmox VE cluster over MCP, on standard input and output or over HTTP. Reads
encrypted configs. test-connection asks the Proxmox host who it is and how fast it answers, and
exits.

  --test            check the config and the key offline, and exit
  --online          with --test: then ask the host, and check certificate, token and privileges
  -v, --verbose     with test-connection: check certificate, nodes, storages and privileges too
  --transport NAME  stdio or http (default: http where the config says http.enabled, else stdio)
  --insecure-no-auth  over HTTP on loopback: ask nobody for an API key
  --test-mode       serve a simulated cluster in the place of the config's host; needs no config
  --config FILE     the config, JSON or YAML (default: $PROXMOX_MCP_CONFIG)
  --key-file FILE   read the master key from a file
  --key-env NAME    read the master key from a variable
  --keyring[=NAME]  read the master key from the system's keyring (default: the entry master-key)
  --no-watch        load the config again on SIGHUP only, not when a file changes
  --json            print the report of --test or test-connection as JSON
  --debug           log everything to standard error, with the stacks of errors
  -h, --help        print this help
  -V, --version     print the version

The master key comes from --key-file, --key-env or --keyring, else from the environment:
PROXMOX_MCP_MASTER_KEY, PROXMOX_MCP_MASTER_KEY_FILE, PROXMOX_MCP_MASTER_KEY_COMMAND, or systemd's
credential proxmox-mcp-master-key. PROXMOX_MCP_REQUIRE_BOUND=true refuses every secret that is not
a bound token. PROXMOX_MCP_DEBUG=true is --debug.

The server logs to standard error, and to the file that the config names in logging.file. A changed
config or key file is taken while it runs; a bad one is logged and the old one stays in force. On
SIGTERM, SIGINT or, without HTTP, the end of standard input it finishes its calls, for ten seconds
at most.

Examples:
  proxmox-mcp-server --test config.json
  proxmox-mcp-server --test --online config.json
  proxmox-mcp-server test-connection -v config.json
  PROXMOX_MCP_MASTER_KEY_FILE=~/.proxmox_mcp_key proxmox-mcp-server config.json
  proxmox-mcp-server --transport http config.json
  proxmox-mcp-server --test-mode

Exit status: 0 the client is gone or a signal came, or with --test the server would start; 2 usage;
3 key missing or unusable; 4 no key opens a secret; 5 config missing, malformed, against the schema
or unsafe to serve, or its port in use; 6 token malformed, misplaced or not bound; online 11 Proxmox
cannot be reached or trusted; 12 Proxmox refuses, or a privilege is missing. With several problems
it is that of the first one.
`;

/** Reads the arguments. @throws ProxmoxMcpError USAGE */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = readCommandLine(withKeyringAccount(argv), OPTIONS, HOW);
  const isCommand = positionals[0] === COMMAND;
  const files = isCommand ? positionals.slice(1) : positionals;
  const named = [...files, ...[values.config].filter((path) => typeof path === "string")];
  if (named.length > 1) throw usage("more than one config is named", "name one config");
  const action = isCommand ? COMMAND : values.test === true ? "test" : "serve";
  const question = questionOf(values);
  if (question === undefined) requireFitting(action, values);
  return {
    action: question ?? action,
    config: named[0],
    keyFile: textOf(values["key-file"]),
    keyEnv: textOf(values["key-env"]),
    keyring: textOf(values.keyring),
    transport: transportIn(values),
    insecureNoAuth: values["insecure-no-auth"] === true,
    watch: values["no-watch"] !== true,
    online: values.online === true,
    verbose: values.verbose === true,
    testMode: values["test-mode"] === true,
    json: values.json === true,
    debug: values.debug === true,
  };
}

type Values = Readonly<Record<string, unknown>>;

const PLACES: Readonly<Partial<Record<Options["action"], string>>> = {
  test: "--test",
  "test-connection": COMMAND,
  serve: "serving",
};

/** A switch in the wrong place must not look as if it had worked. */
function requireFitting(action: Options["action"], values: Values): void {
  const goesWith = (name: string, ...actions: readonly Options["action"][]): void => {
    if (values[name] === undefined || actions.includes(action)) return;
    const places = actions.map((each) => PLACES[each]).join(" or ");
    throw usage(`--${name} goes with ${places}`, HOW);
  };
  goesWith("online", "test");
  goesWith("json", "test", COMMAND);
  goesWith("verbose", COMMAND);
  goesWith("no-watch", "serve");
  goesWith("transport", "serve", "test");
  goesWith("insecure-no-auth", "serve", "test");
  if (values["test"] === true && action === COMMAND) {
    throw usage(`--test and ${COMMAND} are two commands`, "run one after the other");
  }
}

const TRANSPORTS: readonly Transport[] = ["stdio", "http"];

function transportIn({ transport }: Values): Transport | undefined {
  if (transport === undefined) return undefined;
  const known = TRANSPORTS.find((name) => name === transport);
  if (known !== undefined) return known;
  throw usage("--transport wants stdio or http", HOW);
}

function questionOf(values: Values): "help" | "version" | undefined {
  if (values["help"] === true) return "help";
  return values["version"] === true ? "version" : undefined;
}
