/** Networks as a config writes them. */
import { BlockList, isIPv4 } from "node:net";
import { bitsOf, canonicalAddress } from "./ip-address.ts";

/** An address and how many of its leading bits name the network. */
export interface Network {
  /** Canonical. */
  readonly address: string;
  readonly prefix: number;
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
/** Bits in front of an IPv4 address that is mapped into IPv6. */
const MAPPED_BITS = 96;

/**
 * Reads an address or a network in CIDR notation. One of IPv4 that is mapped into IPv6 becomes what it
 * is mapped from.
 *
 * @returns what is wrong with a text that is neither, in words that go on after its place.
 */
export function parseNetwork(text: string): Network | string {
  const [written = "", length, ...rest] = text.split("/");
  const address = canonicalAddress(written);
  if (address === undefined || written.includes("%") || rest.length > 0) {
    return "is neither an IP address nor a network";
  }
  const widest = isIPv4(written) ? 32 : 128;
  if (length !== undefined && (!PREFIX.test(length) || Number(length) > widest)) {
    return `has a prefix that is no number from 0 to ${widest}`;
  }
  const mapped = isIPv4(address) && !isIPv4(written) ? MAPPED_BITS : 0;
  const prefix = (length === undefined ? widest : Number(length)) - mapped;
  // Who writes 192.0.2.5/24 may mean the one address or all of them.
  const isAmbiguous = prefix < 0 || bitsOf(address).slice(prefix).includes("1");
  return isAmbiguous ? "is an address within a network, not the network" : { address, prefix };
}

/**
 * Puts networks together; `holds` asks for an address.
 *
 * @throws TypeError for a text that parseNetwork does not read: configs are checked before that.
 */
export function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const network = parseNetwork(text);
    if (typeof network === "string") throw new TypeError(`a network of the config ${network}`);
    list.addSubnet(network.address, network.prefix, familyOf(network.address));
  }
  return list;
}

/** Whether a canonical address lies in one of the networks. `::/0` holds those of IPv4 as well. */
export function holds(networks: BlockList, address: string): boolean {
  return networks.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
