/** Which commands may run in a guest: what `policy.exec` of the config says of one command. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ExecPolicy, ServerConfig } from "@proxmox-mcp/crypto/config";
import { splitCommand } from "@proxmox-mcp/crypto/internal";
import { matchesPattern, parseCommandPattern } from "./command-pattern.ts";

/** Whether a config lets any command run in guests. */
export function mayRunCommands({ policy }: ServerConfig): boolean {
  return (policy.exec?.allow.length ?? 0) > 0;
}

/**
 * The words that the guest gets, where the policy allows them. What is compared is what is sent.
 *
 * Without a shell the command is split at white space, with quotes around words that hold some, and
 * nothing else has a meaning. With `shell` the guest's shell reads the whole text, where any
 * character may: so only a pattern that is the same text allows it, or one that allows everything.
 *
 * @throws ProxmoxMcpError USAGE for a command that cannot be split or sent, POLICY_DENIED for one
 * that is not allowed, SCHEMA for a pattern that cannot be read.
 */
export function allowedWords(command: string, policy: ExecPolicy): readonly string[] {
  // Neither reaches the guest as it was compared: the first ends a word there, the second is replaced.
  if (command.includes("\0") || !command.isWellFormed()) {
    throw new ProxmoxMcpError("USAGE", "the command holds a character that cannot be sent", {
      hint: "leave out NUL characters and halves of surrogate pairs",
    });
  }
  if (policy.shell) {
    if (policy.allow.some((pattern) => pattern === "**" || pattern === command)) {
      return ["/bin/sh", "-c", command];
    }
    throw denied(policy, "with policy.exec.shell on, a pattern has to be the whole command text");
  }
  const argv = splitCommand(command, {
    name: "command",
    code: "USAGE",
    wanted: "name a program and its arguments, as in uptime -p",
  });
  const patterns = policy.allow.map(parseCommandPattern);
  if (patterns.some((pattern) => matchesPattern(pattern, argv))) return argv;
  throw denied(policy, "each word is compared for itself, without a shell");
}

const SHOWN = 10;

function denied({ allow }: ExecPolicy, rule: string): ProxmoxMcpError {
  const shown = allow.slice(0, SHOWN).map((pattern) => JSON.stringify(pattern));
  const more = allow.length > SHOWN ? ` and ${allow.length - SHOWN} more` : "";
  return new ProxmoxMcpError("POLICY_DENIED", "the policy does not allow this command", {
    hint: `policy.exec.allow in the config of the server holds ${shown.join(", ")}${more}; ${rule}`,
  });
}
