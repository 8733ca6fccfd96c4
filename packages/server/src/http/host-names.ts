/** The Host header, and the names that it may hold. */
import { canonicalAddress } from "./ip-address.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];
const HOST = /^(?:([a-z\d._-]+)|\[([\da-f:.]+)\])(?::\d{0,5})?$/;

/**
 * Makes the question whether a Host header, with or without port, names this server.
 *
 * @param allowed names and addresses, `*.` in front of one for any one label; by default the names of
 * loopback.
 */
export function hostNames(allowed: readonly string[] = LOOPBACK_NAMES): (host: string) => boolean {
  const names = new Set(allowed.map(canonicalName));
  return (host) => {
    const name = nameIn(host);
    if (name === undefined) return false;
    const parent = name.indexOf(".");
    return names.has(name) || (parent > 0 && names.has(`*${name.slice(parent)}`));
  };
}

/** The host without port; `undefined` for what is no host, such as one with a user. */
function nameIn(host: string): string | undefined {
  const [, name, ipv6] = HOST.exec(host.toLowerCase()) ?? [];
  if (ipv6 !== undefined) return canonicalAddress(ipv6);
  return name === undefined ? undefined : canonicalName(name);
}

function canonicalName(written: string): string {
  const name = written.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  // A full stop at the end says that the name is complete, which it is here.
  return canonicalAddress(name) ?? name.replace(/\.$/, "");
}
