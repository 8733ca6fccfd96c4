import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress, isLoopback, subscriberOf } from "../../src/http/ip-address.ts";
import { holds, networksOf, parseNetwork } from "../../src/http/networks.ts";

function isIn(address: string, ...networks: readonly string[]): boolean {
  return holds(networksOf(networks), canonicalAddress(address) ?? "");
}

describe("a network", () => {
  test.each([
    ["192.0.2.7", "192.0.2.0/24"],
    ["192.0.2.7", "192.0.2.7"],
    ["192.0.2.7", "0.0.0.0/0"],
    ["::ffff:192.0.2.7", "192.0.2.0/24"],
    ["::FFFF:c000:0207", "192.0.2.0/24"],
    ["192.0.2.7", "::ffff:192.0.2.0/120"],
    ["192.0.2.7", "::ffff:192.0.2.7"],
    ["192.0.2.7", "::ffff:0:0/96"],
    ["192.0.2.7", "::/0"],
    ["2001:DB8::7", "2001:db8::/32"],
    ["fe80::1%eth0", "fe80::/10"],
    ["::1", "0:0:0:0:0:0:0:1"],
  ])("holds %s: %s", (address, network) => {
    expect(isIn(address, network)).toBe(true);
    expect(isIn(address, "203.0.113.9", network)).toBe(true);
  });

  test.each([
    ["192.0.3.7", "192.0.2.0/24"],
    ["192.0.2.8", "192.0.2.7"],
    ["192.0.2.7", "2001:db8::/32"],
    ["2001:db8::7", "0.0.0.0/0"],
    ["2001:db9::7", "2001:db8::/32"],
    // An IPv4 address within IPv6 in another way than by mapping is no IPv4 address.
    ["::192.0.2.7", "192.0.2.0/24"],
    ["64:ff9b::192.0.2.7", "192.0.2.0/24"],
  ])("does not hold %s: %s", (address, network) => {
    expect(isIn(address, network)).toBe(false);
  });

  test("holds nobody where there is none", () => {
    expect(isIn("192.0.2.7")).toBe(false);
    expect(isIn("::1")).toBe(false);
  });

  test.each([
    ["", "is neither"],
    ["192.0.2", "is neither"],
    ["192.0.2.256", "is neither"],
    ["192.0.02.1", "is neither"],
    ["2001:db8:::1", "is neither"],
    ["fe80::1%eth0", "is neither"],
    ["fe80::%eth0/10", "is neither"],
    ["192.0.2.0/24/24", "is neither"],
    ["localhost", "is neither"],
    ["192.0.2.0/33", "from 0 to 32"],
    ["192.0.2.0/", "from 0 to 32"],
    ["192.0.2.0/-1", "from 0 to 32"],
    ["192.0.2.0/024", "from 0 to 32"],
    ["2001:db8::/129", "from 0 to 128"],
    ["192.0.2.7/24", "is an address within a network"],
    ["2001:db8::1/32", "is an address within a network"],
    ["::ffff:192.0.2.0/95", "is an address within a network"],
  ])("that is none is not read: %s", (text, problem) => {
    expect(parseNetwork(text)).toContain(problem);
    expect(() => networksOf([text])).toThrow(TypeError);
  });
});

describe("an IPv6 address", () => {
  test.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::8", "1:0:0:0::/64"],
    ["203.0.113.7", "203.0.113.7"],
  ])("is counted by its /64: %s", (address, subscriber) => {
    expect(subscriberOf(address)).toBe(subscriber);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["::1", true],
  ["0:0::1", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["LocalHost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["128.0.0.1", false],
  ["127.example.com", false],
  ["localhost.example.com", false],
  ["fe80::1%lo", false],
])("is %s loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

/** All addresses as numbers of 128 bits, computed in another way than the code does it. */
function numberOf(address: string): bigint {
  if (address.includes(".") && !address.includes(":")) {
    const bytes = address.split(".").map(BigInt);
    return 0xffffn * 2n ** 32n + bytes.reduce((sum, byte) => sum * 256n + byte, 0n);
  }
  const [, ipv4] = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  const tail = ipv4 === undefined ? "" : (numberOf(ipv4) % 2n ** 32n).toString(16).padStart(8, "0");
  const text =
    ipv4 === undefined ? address : address.replace(ipv4, `${tail.slice(0, 4)}:${tail.slice(4)}`);
  const [before = "", after = ""] = text.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const zeros = Array(8 - groups(before).length - groups(after).length).fill("0");
  return [...groups(before), ...zeros, ...groups(after)].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

const mapped = fc.ipV4().map((address) => `::ffff:${address}`);
const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6(), mapped);

test("the one spelling of an address is that of all its spellings, and of no other address", () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, (one, other) => {
      const canonical = canonicalAddress(one) ?? "";
      expect(numberOf(canonical)).toBe(numberOf(one));
      expect(canonicalAddress(canonical)).toBe(canonical);
      expect(canonicalAddress(one.toUpperCase())).toBe(canonical);
      expect(canonicalAddress(other) === canonical).toBe(numberOf(one) === numberOf(other));
    }),
    { numRuns: 1000 },
  );
});

test("a network holds what shares its leading bits", () => {
  const network = fc.tuple(anyAddress, fc.nat(128)).map(([address, length]) => {
    const widest = address.includes(":") ? 128 : 32;
    return { address, prefix: length % (widest + 1), widest };
  });
  let read = 0;
  fc.assert(
    fc.property(
      network,
      anyAddress,
      fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
      (some, other, noise) => {
        const { address, prefix, widest } = some;
        const hostBits = BigInt(widest - prefix);
        const base = (numberOf(address) >> hostBits) << hostBits;
        const text = `${spelled(base, widest)}/${prefix}`;
        const inside = spelled(base + (noise % 2n ** hostBits), 128);
        if (typeof parseNetwork(text) === "string") return;
        read += 1;
        expect(isIn(inside, text)).toBe(true);
        expect(isIn(other, text)).toBe(numberOf(other) >> hostBits === base >> hostBits);
      },
    ),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(1000);
});

function spelled(number: bigint, width: number): string {
  if (width === 32) {
    const bits = number % 2n ** 32n;
    return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) % 256n).join(".");
  }
  const digits = number.toString(16).padStart(32, "0");
  return (digits.match(/.{4}/g) ?? []).join(":");
}
