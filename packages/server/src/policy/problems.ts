/** What is wrong with the rules of a config: one that names nothing would be obeyed in silence. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, PolicyRules, ServerConfig } from "@proxmox-mcp/crypto/config";
import { childPointer, didYouMean } from "@proxmox-mcp/crypto/internal";
import { TOOL_NAMES } from "./tool-names.ts";

/** Names of tools that there are not, and rules for API keys that there are not. All are SCHEMA. */
export function policyProblems(
  { policy, http }: Pick<ServerConfig, "http" | "policy">,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  const names = Object.keys(http.api_keys);
  const ofKeys = Object.entries(policy.keys).flatMap(([name, rules]) => {
    const location = childPointer("/policy/keys", name);
    const problems = unknownTools(rules, location, locate);
    return names.includes(name)
      ? problems
      : [unknownKey(name, names, location, locate), ...problems];
  });
  return [...unknownTools(policy, "/policy", locate), ...ofKeys];
}

function unknownKey(
  name: string,
  known: readonly string[],
  location: string,
  locate: Locate,
): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "SCHEMA",
    `http.api_keys holds no key ${name}${didYouMean(name, known)}`,
    {
      where: locate(location),
      hint: "name the rules as the API key, or take them out: they would be those of nobody",
    },
  );
}

function unknownTools(
  rules: PolicyRules,
  location: string,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  return (["allow", "deny"] as const).flatMap((list) =>
    rules[list].flatMap((name, index) => {
      if (TOOL_NAMES.includes(name)) return [];
      const message = `there is no tool ${name}${didYouMean(name, TOOL_NAMES)}`;
      const where = locate(`${location}/${list}/${index}`);
      return [
        new ProxmoxMcpError("SCHEMA", message, {
          where,
          hint: "write a name as tools/list has it",
        }),
      ];
    }),
  );
}
