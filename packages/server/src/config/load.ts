/** Loading the server's config: read, parse, find the key, resolve. */
import {
  createDeriver,
  createOpener,
  type Document,
  formatOf,
  openDocument,
  ProxmoxMcpError,
  type StartedDerivation,
} from "@proxmox-mcp/crypto";
import {
  locatorOf,
  type Resolution,
  type ResolveOptions,
  resolveConfig,
} from "@proxmox-mcp/crypto/config";
import {
  type LoadedKeys,
  loadKeys,
  loadOtherKeys,
  pathExists,
  readTextFile,
  type TextFile,
} from "@proxmox-mcp/crypto/files";
import { isProtectionOn, type KeySourceQuestion } from "@proxmox-mcp/crypto/internal";
import type { Environment } from "../environment.ts";
import { placeAuditFile } from "./audit-place.ts";
import { type CaOutcome, readCaFile } from "./ca-file.ts";
import { type Certificate, type CertificateOutcome, readCertificate } from "./certificate.ts";
import { configPath } from "./config-path.ts";
import { type Contents, everyFileOf } from "./files.ts";
import { placeLogFile } from "./log-place.ts";
import { takeServerKeys } from "./server-keys.ts";
import { type Serving, transportOf } from "./transport.ts";

/** Which config is loaded, and with which key. */
export interface LoadOptions extends Pick<Serving, "transport"> {
  /** The config named on the command line; else `PROXMOX_MCP_CONFIG` names it. */
  readonly config?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  /** The account of a keyring entry. */
  readonly keyring?: string | undefined;
  readonly env: Environment;
  /** A derivation that was begun before the program was loaded. */
  readonly started?: StartedDerivation | undefined;
}

/** How far loading came. What was not reached is `undefined`. */
export interface LoadedConfig {
  /** Empty where none is named. */
  readonly path: string;
  readonly file: TextFile | ProxmoxMcpError;
  readonly document: Document | ProxmoxMcpError | undefined;
  /** The keys, or why there are none: KEY_MISSING is a problem only for a config with tokens. */
  readonly keys: LoadedKeys | ProxmoxMcpError;
  readonly resolution: Resolution | undefined;
  /** The PEM certificates of `proxmox.ca_file`. */
  readonly ca?: string;
  /** That file as it was before it was read. */
  readonly caFile?: Contents;
  /** What `http.tls` names, where HTTP is served. */
  readonly certificate?: Certificate;
  /** Those files as they were before they were read. */
  readonly tlsFiles?: Contents;
}

/**
 * Loads a config as far as it can be loaded, so that all problems can be told at once. The server
 * may start if `resolution.config` is there and `keys` is no error but KEY_MISSING.
 *
 * @throws ProxmoxMcpError USAGE for a switch in the environment that is neither true nor false.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { env, keyFile, keyEnv, keyring } = options;
  const requireBound = isProtectionOn(env, "PROXMOX_MCP_REQUIRE_BOUND");
  const path = configPath(options);
  const question: KeySourceQuestion = { keyFile, keyEnv, keyring, env, exists: pathExists };
  const [keys, file] = await Promise.all([
    failure(() => loadKeys(question).then(takeServerKeys)),
    failure(() => readConfig(path)),
  ]);
  if (file instanceof ProxmoxMcpError) {
    return { path, file, document: undefined, keys, resolution: undefined };
  }
  const opener =
    keys instanceof ProxmoxMcpError
      ? keys
      : createOpener({ keys: keys.keys, deriver: createDeriver(undefined, options.started) });
  // A derivation takes longer than all the rest: it runs on another thread while the text is parsed.
  if (!(opener instanceof ProxmoxMcpError)) opener.prepare(file.text);
  const format = formatOf(file.path, file.text);
  const document = await failure(() => openDocument(file.text, { format, file: file.path }));
  if (document instanceof ProxmoxMcpError) {
    return { path, file, document, keys, resolution: undefined };
  }
  const resolving: ResolveOptions = {
    document,
    file: file.path,
    env,
    keyVariables: keyEnv === undefined ? [] : [keyEnv],
    requireBound,
    opener,
  };
  const resolved = await withOtherKey(question, resolving, await resolveConfig(resolving));
  const locate = locatorOf(document, file.path);
  const ca = await readCaFile(resolved, locate, file.path);
  // What stdio does not need need not be there.
  const isHttp = transportOf(ca.resolution.config, options.transport) === "http";
  const tls = isHttp ? await readCertificate(ca.resolution, locate, file.path) : ca;
  const named: CaOutcome & CertificateOutcome = { ...ca, ...tls };
  const inputs = [...(named.caFile?.keys() ?? []), ...(named.tlsFiles?.keys() ?? [])];
  const all = [...everyFileOf(options), ...inputs];
  const logged = placeLogFile(named.resolution, locate, file.path, all);
  const hasKey = !(keys instanceof ProxmoxMcpError);
  const resolution = placeAuditFile(logged, { locate, config: file.path, inputs: all, hasKey });
  return { path, file, document, keys, ...named, resolution };
}

function readConfig(path: string): TextFile {
  if (path === "") {
    throw new ProxmoxMcpError("USAGE", "no config is named", {
      hint: "name one with --config FILE, or set PROXMOX_MCP_CONFIG",
    });
  }
  return readTextFile(path);
}

/** Says for secrets that no key opens which other key at hand does. */
async function withOtherKey(
  question: KeySourceQuestion,
  resolving: ResolveOptions,
  resolution: Resolution,
): Promise<Resolution> {
  if (!resolution.problems.some(isWrongKey)) return resolution;
  for (const { keys, source } of await loadOtherKeys(question)) {
    const { problems } = await resolveConfig({ ...resolving, opener: createOpener({ keys }) });
    if (problems.some(isWrongKey)) continue;
    const hint = `the key from ${source.from} opens it: use that one`;
    return {
      ...resolution,
      problems: resolution.problems.map((problem) =>
        isWrongKey(problem)
          ? new ProxmoxMcpError(problem.code, problem.message, { where: problem.where, hint })
          : problem,
      ),
    };
  }
  return resolution;
}

function isWrongKey({ code }: ProxmoxMcpError): boolean {
  return code === "NO_KEY_OPENS";
}

async function failure<T>(act: () => T | Promise<T>): Promise<T | ProxmoxMcpError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error;
    throw error;
  }
}
