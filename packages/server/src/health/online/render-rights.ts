/** Missing privileges for people at a terminal: line by line, and the commands to paste. */
import { ofUser, some } from "./privilege-findings.ts";
import type { Rights } from "./rights.ts";

/** Nothing where nothing is missing. */
export function rightsLines({ missing, grants }: Rights, identity: string): readonly string[] {
  if (missing.length === 0) return [];
  const lacks = missing.map(({ privilege, path, need }) => [
    `${privilege} on ${path}`,
    some(need.tools),
  ]);
  const width = Math.max(...lacks.map(([what = ""]) => what.length));
  const forUser = grants.flatMap((grant) => grant.forUser ?? []);
  return [
    ...lacks.map(([what = "", tools]) => `  ${what.padEnd(width)}  for ${tools}`),
    "Way out: on a node, as root:",
    ...grants.flatMap(({ commands }) => commands).map((command) => `  ${command}`),
    ...(forUser.length === 0 ? [] : [`${sentence(ofUser(identity))}:`]),
    ...forUser.map((command) => `  ${command}`),
  ];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
