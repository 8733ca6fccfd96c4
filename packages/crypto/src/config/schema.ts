/**
 * The JSON Schema of the server's config. The validator and the schema file for editors are
 * generated from it: after a change run `node scripts/compile-schema.mjs`.
 */
import { splitPointer } from "../document/pointer.ts";

/** The part of JSON Schema (draft-07) that the config's schema is written in. */
export interface SchemaNode {
  readonly $schema?: string;
  /** Where there is a pattern: what it wants, in words; the description then says what to write. */
  readonly title?: string;
  readonly description?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  /** Like `dependencies` for editors alone: the server finds better words (check-credentials.ts). */
  readonly anyOf?: readonly SchemaNode[];
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

export type SchemaType = "object" | "array" | "string" | "integer" | "boolean" | "null";

/** One violation, as the generated validator reports it. It holds no value of the document. */
export interface SchemaViolation {
  /** JSON Pointer of the value that was checked. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const NOT_BLANK = "\\S";
const IPV6 = "[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*(?:%[\\w.-]+)?";

const secret = (description: string): SchemaNode => ({
  type: "string",
  pattern: NOT_BLANK,
  description,
});

const server: SchemaNode = {
  type: "object",
  description: "One more server. Its secrets are decrypted; other keys are not checked.",
  additionalProperties: true,
  properties: {
    token_value: secret("The secret of the API token."),
    token_secret: secret("The secret of the API token."),
    password: secret("The password of the user."),
  },
};

const toolNames = (description: string): SchemaNode => ({
  type: "array",
  description,
  default: [],
  items: {
    type: "string",
    pattern: "^[a-z][a-z0-9_]*$",
    title: "the name of a tool",
    description: "Write it as tools are listed, as in start_vm.",
  },
});

const POLICY_RULES: Readonly<Record<string, SchemaNode>> = {
  mode: {
    type: "string",
    enum: ["none", "read-only", "operate", "full"],
    default: "read-only",
    description:
      "Which tools may be called: none, those that read, also those that start, stop and snapshot guests, or all.",
  },
  allow: toolNames("Tools that may be called beyond the mode."),
  deny: toolNames("Tools that may not be called, whatever else allows them."),
};

const NETWORK =
  "^(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/[0-9]{1,3})?$";

const networks = (description: string): SchemaNode => ({
  type: "array",
  description,
  items: {
    type: "string",
    pattern: NETWORK,
    title: "an IP address or a network",
    description: "Write it as in 192.0.2.0/24 or 2001:db8::/32.",
  },
});

const http: SchemaNode = {
  type: "object",
  description: "Access over HTTP.",
  default: {},
  additionalProperties: false,
  properties: {
    enabled: {
      type: "boolean",
      default: false,
      description: "Whether the server is reached over HTTP instead of standard input and output.",
    },
    host: {
      type: "string",
      pattern: `^(?:[A-Za-z0-9._-]+|${IPV6})$`,
      title: "a host name or an IP address",
      default: "127.0.0.1",
      description: "Address to listen on.",
    },
    port: {
      type: "integer",
      minimum: 0,
      maximum: 65535,
      default: 8080,
      description: "TCP port to listen on; 0 takes a free one.",
    },
    path: {
      type: "string",
      pattern: "^(?:/[A-Za-z0-9._~-]+)+$",
      title: "an absolute path without a slash at its end",
      default: "/api/mcp",
      description: "Path of the MCP endpoint.",
    },
    tls: {
      type: "object",
      description: "Certificate of the server. Without it HTTP is plain.",
      required: ["cert", "key"],
      additionalProperties: false,
      properties: {
        cert: {
          type: "string",
          pattern: NOT_BLANK,
          description:
            "File with the PEM certificate chain, relative to the directory of the config.",
        },
        key: {
          type: "string",
          pattern: NOT_BLANK,
          description: "File with the PEM private key, relative to the directory of the config.",
        },
      },
    },
    behind_tls_proxy: {
      type: "boolean",
      default: false,
      description: "Whether a reverse proxy with TLS stands in front: plain HTTP beyond loopback.",
    },
    allowed_hosts: {
      type: "array",
      description:
        "Names in the Host header that are answered. Default: those of loopback, where that is listened on.",
      items: {
        type: "string",
        pattern: `^(?:(?:\\*\\.)?[A-Za-z0-9._-]+|${IPV6}|\\[${IPV6}\\])$`,
        title: "a host name or an IP address",
        description: "Write it without scheme and port; `*.` stands for one label in front.",
      },
    },
    allowed_origins: {
      type: "array",
      description: "Origins of web pages that may call. Default: none.",
      default: [],
      items: {
        type: "string",
        pattern: "^https?://[^\\s/?#*]+$",
        title: "an origin",
        description: "Write scheme, host and port, as in https://console.example.com.",
      },
    },
    allowed_networks: networks("Networks that clients may come from. Default: all."),
    trusted_proxies: networks("Reverse proxies whose X-Forwarded-For is believed. Default: none."),
    body_limit: {
      type: "integer",
      minimum: 1024,
      maximum: 67_108_864,
      default: 1_048_576,
      description: "Bytes that the body of a request may have.",
    },
    rate_limit: {
      type: "object",
      description: "How many requests are answered.",
      default: {},
      additionalProperties: false,
      properties: {
        per_minute: {
          type: "integer",
          minimum: 1,
          maximum: 1_000_000,
          default: 100,
          description: "Requests a minute of one client, all at once or spread.",
        },
        per_minute_per_address: {
          type: "integer",
          minimum: 1,
          maximum: 1_000_000,
          default: 600,
          description: "Requests a minute from one address; a wrong key counts as sixty.",
        },
      },
    },
    api_keys: {
      type: "object",
      description: "API keys by the name of their client.",
      default: {},
      additionalProperties: secret("The API key of one client."),
    },
  },
};

/** The schema. The server refuses unknown keys in policy, http and audit, and warns of others. */
export const CONFIG_SCHEMA: SchemaNode = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "proxmox-mcp server config",
  description: "The config of proxmox-mcp-server, in JSON or YAML.",
  type: "object",
  required: ["proxmox", "auth"],
  anyOf: [
    { properties: { auth: { type: "object", required: ["token_value"] } } },
    { properties: { auth: { type: "object", required: ["password"] } } },
    { properties: { proxmox: { type: "object", required: ["password"] } } },
  ],
  additionalProperties: false,
  properties: {
    $schema: { type: "string", description: "The schema that editors check this file with." },
    proxmox: {
      type: "object",
      description: "The Proxmox VE host.",
      required: ["host"],
      additionalProperties: false,
      properties: {
        host: {
          type: "string",
          pattern: `^(?:[A-Za-z0-9._-]+|${IPV6}|\\[${IPV6}\\])$`,
          title: "a host name or an IP address",
          description: "Write the host alone, without https://, port or path.",
        },
        port: {
          type: "integer",
          minimum: 1,
          maximum: 65535,
          default: 8006,
          description: "TCP port of the Proxmox API.",
        },
        verify_ssl: {
          type: "boolean",
          default: true,
          description: "Whether the host's certificate is verified.",
        },
        service: {
          type: "string",
          pattern: NOT_BLANK,
          default: "PVE",
          description: "The Proxmox product behind the API.",
        },
        ca_file: {
          type: "string",
          pattern: NOT_BLANK,
          description:
            "File with the PEM certificates that the host's certificate is verified against.",
        },
        fingerprint: {
          type: "string",
          pattern: "^(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})$",
          title: "a SHA-256 fingerprint",
          description:
            "Write the 64 hex digits of the host's certificate, with or without colons: " +
            "`pvenode cert info` on the node prints them.",
        },
        timeout: {
          type: "integer",
          minimum: 6000,
          maximum: 3_600_000,
          default: 30_000,
          description:
            "Milliseconds until a call counts as failed; a refused login takes three seconds.",
        },
        retry_attempts: {
          type: "integer",
          minimum: 0,
          maximum: 10,
          default: 3,
          description:
            "How often a call that only reads is tried again when the host is not reached.",
        },
        password: secret("The password of the user, where there is no API token."),
        token_secret: secret("The secret of the API token."),
      },
    },
    auth: {
      type: "object",
      description: "Who calls Proxmox: a user with an API token, or with a password.",
      required: ["user"],
      dependencies: { token_name: ["token_value"], token_value: ["token_name"] },
      additionalProperties: false,
      properties: {
        user: {
          type: "string",
          pattern: "^[^\\s!=:]+@[^\\s@!=]+$",
          title: "a user with realm",
          description: "Write user@realm, as in root@pam, without the name of a token.",
        },
        token_name: {
          type: "string",
          pattern: "^[^\\s@!=]+$",
          title: "the name of an API token",
          description: "Write the name alone, without user@realm!, secret or blanks.",
        },
        token_value: secret("Secret of the API token, a UUID; encrypted as enc:..."),
        password: secret("The password of the user, where there is no API token."),
        token_secret: secret("The secret of the API token."),
      },
    },
    policy: {
      type: "object",
      description: "Which tools may be called, and which commands may run in guests.",
      default: {},
      additionalProperties: false,
      properties: {
        ...POLICY_RULES,
        keys: {
          type: "object",
          description:
            "What single clients may do, by the name of their key in http.api_keys. It takes the " +
            "place of the rules above for that client.",
          default: {},
          additionalProperties: {
            type: "object",
            description: "What the client with this key may do.",
            additionalProperties: false,
            properties: POLICY_RULES,
          },
        },
        exec: {
          type: "object",
          description: "Commands that may run in guests. Without it none may.",
          required: ["allow"],
          additionalProperties: false,
          properties: {
            allow: {
              type: "array",
              description:
                "Patterns of the command lines that may run. `*` outside of quotes stands for any part " +
                "of an argument without a leading `-` and without `..` in its path, a last `**` for " +
                "any further arguments.",
              items: {
                type: "string",
                pattern: NOT_BLANK,
                title: "the pattern of a command line",
                description: "Write the program and its arguments, as in `systemctl status *`.",
              },
            },
            shell: {
              type: "boolean",
              default: false,
              description: "Whether a command goes to the guest's shell as one text.",
            },
            timeout: {
              type: "integer",
              minimum: 1,
              maximum: 3600,
              default: 30,
              description: "Seconds that a command may take.",
            },
            max_output: {
              type: "integer",
              minimum: 1024,
              maximum: 1_048_576,
              default: 65_536,
              description: "Bytes of its output that are passed on, of each stream.",
            },
          },
        },
      },
    },
    logging: {
      type: "object",
      description: "What is logged, and where.",
      default: {},
      additionalProperties: false,
      properties: {
        level: {
          type: "string",
          enum: ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
          default: "INFO",
          description: "The least grave messages that are logged.",
        },
        format: { type: "string", description: "Line format of the Python server's log." },
        file: {
          type: ["string", "null"],
          default: null,
          description: "Log file beside standard error, relative to the directory of the config.",
        },
      },
    },
    servers: {
      type: "object",
      description: "Further servers by name.",
      additionalProperties: server,
    },
    default_servers: {
      type: "object",
      description: "Further servers by name, of a global config.",
      additionalProperties: server,
    },
    http,
    audit: {
      type: "object",
      description: "The record of every call of a tool.",
      default: {},
      additionalProperties: false,
      properties: {
        file: {
          type: ["string", "null"],
          default: null,
          description:
            "File that gets the records, relative to the directory of the config; else standard error.",
        },
        required: {
          type: "boolean",
          default: false,
          description:
            "Whether tools that change something are refused while nothing can be recorded.",
        },
      },
    },
  },
};

/** The schema of one location; `undefined` where the schema does not know it. */
export function schemaAt(location: string): SchemaNode | undefined {
  let node: SchemaNode | undefined = CONFIG_SCHEMA;
  for (const segment of splitPointer(location)) {
    node = childOf(node, segment);
    if (node === undefined) return undefined;
  }
  return node;
}

function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const { properties = {}, additionalProperties, items } = node;
  if (Object.hasOwn(properties, key)) return properties[key];
  if (items !== undefined) return items;
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
