/**
 * Where a request came from.
 *
 * X-Forwarded-For is the one header that is believed, and only where a trusted proxy sent it. RFC 7239
 * Forwarded says the same in another way, and a proxy that writes one of the two passes the other on
 * as the client sent it: who believes both believes the client.
 */
import type { BlockList } from "node:net";
import { canonicalAddress } from "./ip-address.ts";
import { holds } from "./networks.ts";

const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]*)\])(?::\d{1,5})?$/;

/**
 * Walks from the peer towards the client as long as trusted proxies vouch for the next step.
 *
 * @param peer the address at the other end of the connection.
 * @param forwarded the values of all X-Forwarded-For headers, in their order.
 * @returns a canonical address: the first one that is no trusted proxy, or the last proxy where what it
 * names is no address. `undefined` where the peer is none, as it is gone.
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: readonly string[],
  trusted: BlockList,
): string | undefined {
  let address = canonicalAddress(peer ?? "");
  if (address === undefined) return undefined;
  // Each proxy writes whom it was asked by behind what it was told.
  for (const step of forwarded.flatMap((value) => value.split(",")).reverse()) {
    if (!holds(trusted, address)) break;
    const next = addressIn(step.trim());
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/** The address in one step of the header, which some proxies write with a port and in brackets. */
function addressIn(step: string): string | undefined {
  const [, ipv4, ipv6] = WITH_PORT.exec(step) ?? [];
  return canonicalAddress(ipv4 ?? ipv6 ?? step);
}
