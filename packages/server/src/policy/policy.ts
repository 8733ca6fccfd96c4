/** Which tools the config lets which client call. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { PolicyMode, PolicyRules, ServerConfig } from "@proxmox-mcp/crypto/config";
import { childPointer } from "@proxmox-mcp/crypto/internal";
import { mayRunCommands } from "../guests/command-policy.ts";
import type { Tool } from "../tools/tool.ts";
import { type Caller, STDIO_CALLER } from "./caller.ts";

/** The rules for one client, and where the config holds them. */
interface Rules extends PolicyRules {
  /** As people write it. */
  readonly at: string;
  /** As a JSON Pointer. */
  readonly location: string;
  /** Whether they are for this client alone. */
  readonly isOwn: boolean;
}

const MODES: readonly PolicyMode[] = ["none", "read-only", "operate", "full"];

/**
 * Why a client may not call a tool under a config, naming the setting; `undefined` where it may.
 *
 * The rules of a key take the place of the general ones. `deny` goes before all. Commands in guests
 * need `policy.exec`; under the general rules that is enough, a key with rules of its own needs their
 * permission, too.
 *
 * @returns POLICY_DENIED
 */
export function refusalOf(
  tool: Tool,
  config: ServerConfig,
  caller: Caller,
): ProxmoxMcpError | undefined {
  if (isGone(config, caller)) {
    return new ProxmoxMcpError(
      "POLICY_DENIED",
      `${tool.name} is not allowed: the API key is gone`,
      {
        where: { location: "/http/api_keys" },
        hint: "ask whoever runs the server for another key",
      },
    );
  }
  const rules = rulesOf(config, caller);
  if (rules.deny.includes(tool.name)) {
    return denied(tool, rules, "deny", `take ${tool.name} out of ${rules.at}.deny`);
  }
  if (tool.effect === "run-command" && !mayRunCommands(config)) {
    return new ProxmoxMcpError("POLICY_DENIED", `${tool.name} is off`, {
      where: { location: "/policy/exec/allow" },
      hint: "list the commands that may run in policy.exec.allow in the config of the server",
    });
  }
  if (tool.effect === "run-command" && !rules.isOwn && rules.mode !== "none") return undefined;
  if (isWithin(tool.mode, rules.mode) || rules.allow.includes(tool.name)) return undefined;
  const wanted = `set ${rules.at}.mode to ${tool.mode}, or list ${tool.name} in ${rules.at}.allow`;
  return denied(tool, rules, "mode", wanted);
}

/** The tools that a client may call under a config. */
export function allowedTools(
  tools: readonly Tool[],
  config: ServerConfig,
  caller: Caller,
): readonly Tool[] {
  return tools.filter((tool) => refusalOf(tool, config, caller) === undefined);
}

/** The tools that some client may call under a config. */
export function toolsOfAnybody(tools: readonly Tool[], config: ServerConfig): readonly Tool[] {
  const callers = callersOf(config);
  return tools.filter((tool) =>
    callers.some((caller) => refusalOf(tool, config, caller) === undefined),
  );
}

/** One caller for each set of rules that a config holds. */
export function callersOf({ policy }: ServerConfig): readonly Caller[] {
  const clients = Object.keys(policy.keys).map(
    (key): Caller => ({ transport: "http", key, address: undefined }),
  );
  return [STDIO_CALLER, ...clients];
}

/** Whether a key was removed after it was shown: it must not fall back to the general rules. */
function isGone({ http }: ServerConfig, { key }: Caller): boolean {
  return key !== undefined && !Object.hasOwn(http.api_keys, key);
}

function rulesOf({ policy }: ServerConfig, { key }: Caller): Rules {
  const own = key !== undefined && Object.hasOwn(policy.keys, key) ? policy.keys[key] : undefined;
  if (key === undefined || own === undefined) {
    return { ...policy, at: "policy", location: "/policy", isOwn: false };
  }
  const location = childPointer("/policy/keys", key);
  return { ...own, at: `policy.keys.${key}`, location, isOwn: true };
}

function isWithin(wanted: PolicyMode, mode: PolicyMode): boolean {
  return MODES.indexOf(wanted) <= MODES.indexOf(mode);
}

function denied(
  { name }: Tool,
  { at, location, mode }: Rules,
  setting: "deny" | "mode",
  hint: string,
): ProxmoxMcpError {
  const reason = setting === "deny" ? `${at}.deny lists it` : `${at}.mode is ${mode}`;
  return new ProxmoxMcpError("POLICY_DENIED", `${name} is not allowed: ${reason}`, {
    where: { location: `${location}/${setting}` },
    hint: `${hint} in the config of the server`,
  });
}
