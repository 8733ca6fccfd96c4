/** IP addresses in one spelling each, so that texts can be compared and counted by. */
import { isIP, isIPv4 } from "node:net";

const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * The one spelling of an address: IPv4 as it is, IPv6 in lower case and as short as it gets, without a
 * zone. An IPv4 address that is mapped into IPv6 is that IPv4 address.
 *
 * @returns `undefined` for what is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0) return undefined;
  if (family === 4) return text;
  const [address = ""] = text.split("%");
  // The URL parser has the one spelling of a host; brackets mark IPv6 there.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].flatMap((group) => bytesOf(Number.parseInt(group, 16))).join(".");
}

/** The /64 that an IPv6 address lies in; an IPv4 address as it is. Takes a canonical address. */
export function subscriberOf(address: string): string {
  if (isIPv4(address)) return address;
  const groups = groupsOf(address).slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => group.toString(16)).join(":")}::/64`;
}

/** The bits of a canonical address, 32 or 128 of them, as a text of `0` and `1`. */
export function bitsOf(address: string): string {
  const [numbers, width] = isIPv4(address)
    ? [address.split(".").map(Number), 8]
    : [groupsOf(address), 16];
  return numbers.map((number) => number.toString(2).padStart(width, "0")).join("");
}

/** Whether a host name or address reaches nothing but this machine. */
export function isLoopback(host: string): boolean {
  const address = canonicalAddress(host);
  if (address === undefined) return host.toLowerCase() === "localhost";
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [before = [], after = []] = address
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function bytesOf(group: number): readonly number[] {
  return [group >>> 8, group & 0xff];
}
