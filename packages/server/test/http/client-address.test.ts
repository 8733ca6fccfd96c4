import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress } from "../../src/http/client-address.ts";
import { networksOf } from "../../src/http/networks.ts";

const TRUSTED = networksOf(["10.0.0.0/8", "2001:db8:f::/48", "::1"]);

function addressOf(peer: string | undefined, ...forwarded: readonly string[]) {
  return clientAddress(peer, forwarded, TRUSTED);
}

describe("a peer that is no trusted proxy", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:DB8:0:0::7", "2001:db8::7"],
    ["fe80::1%eth0", "fe80::1"],
  ])("is the client, whatever it says of itself: %s", (peer, client) => {
    expect(addressOf(peer)).toBe(client);
    expect(addressOf(peer, "10.1.1.1")).toBe(client);
    expect(addressOf(peer, "127.0.0.1, 10.1.1.1", "::1")).toBe(client);
  });

  test("has no address once it is gone", () => {
    expect(addressOf(undefined, "10.1.1.1")).toBeUndefined();
    expect(addressOf("")).toBeUndefined();
  });
});

describe("a trusted proxy", () => {
  test.each<[string, string[], string]>([
    ["names the client", ["203.0.113.7"], "203.0.113.7"],
    ["is itself the client where it names nobody", [], "10.0.0.1"],
    ["may follow what the client made up", ["127.0.0.1, 10.9.9.9, 203.0.113.7"], "203.0.113.7"],
    ["may write a line of its own", ["10.9.9.9", "203.0.113.7"], "203.0.113.7"],
    ["may stand behind another one", ["203.0.113.7, 10.0.0.2, 2001:db8:f::2"], "203.0.113.7"],
    ["may only know trusted ones", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"],
    ["may write a port", ["203.0.113.7:4711"], "203.0.113.7"],
    ["may write brackets", ["[2001:DB8::7]"], "2001:db8::7"],
    ["may write both", ["[2001:db8::7]:4711"], "2001:db8::7"],
    ["may write neither", ["2001:db8::7"], "2001:db8::7"],
    ["may map IPv4 into IPv6", ["::ffff:203.0.113.7"], "203.0.113.7"],
    ["may be one that is mapped itself", ["203.0.113.7, ::ffff:10.0.0.2"], "203.0.113.7"],
    ["may name a zone", ["fe80::1%eth0"], "fe80::1"],
    ["may use blanks and tabs", ["\t203.0.113.7 \t,\t10.0.0.2 "], "203.0.113.7"],
  ])("%s: %j", (_, forwarded, client) => {
    expect(addressOf("10.0.0.1", ...forwarded)).toBe(client);
    expect(addressOf("::ffff:10.0.0.1", ...forwarded)).toBe(client);
  });

  test.each([
    "",
    "unknown",
    "_hidden",
    "_SEVKISEK",
    "for=203.0.113.7",
    '"203.0.113.7"',
    "203.0.113.7:",
    "203.0.113.7:123456",
    "[203.0.113.7]:x",
    "203.0.113",
    "0xcb.0.113.7",
    "203.0.113.007",
    "203.0.113.256",
    "[2001:db8::7",
    "2001:db8::7]",
    "[2001:db8::7]x",
    "２０３.0.113.7",
    "client.example",
    "10.0.0.2 203.0.113.7",
    "203.0.113.7\u0000",
    "1".repeat(100_000),
  ])("is taken for the client where what it names is no address: %s", (step) => {
    expect(addressOf("10.0.0.1", step)).toBe("10.0.0.1");
    expect(addressOf("10.0.0.1", `127.0.0.1, ${step}, 10.0.0.2`)).toBe("10.0.0.2");
    // In front of the client it is only what the client said.
    expect(addressOf("10.0.0.1", `${step}, 203.0.113.7`)).toBe("203.0.113.7");
  });
});

const untrusted = fc.oneof(
  fc.ipV4().filter((address) => !address.startsWith("10.")),
  fc.ipV6().filter((address) => !/^(?:2001:0?db8:0*f:|[0:]*1$|.*\d\.|[0:]*ffff:)/i.test(address)),
);
const trusted = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => `10.${bytes.join(".")}`),
  fc.nat(0xffff).map((group) => `2001:db8:f::${group.toString(16)}`),
);
const madeUp = fc
  .oneof(fc.string(), fc.ipV4(), fc.ipV6(), trusted)
  .filter((text) => !/[\r\n]/.test(text));

test("nothing that a client sends changes what the proxies say of it", () => {
  fc.assert(
    fc.property(
      untrusted,
      fc.array(trusted, { minLength: 1, maxLength: 4 }),
      fc.array(madeUp),
      (client, proxies, lies) => {
        const [peer = "", ...others] = proxies;
        const honest = [client, ...others].join(", ");
        const alone = addressOf(peer, honest);
        expect(addressOf(peer, ...lies, honest)).toBe(alone);
        expect(addressOf(peer, [...lies, honest].join(","))).toBe(alone);
        expect(addressOf(alone, ...lies)).toBe(alone);
      },
    ),
  );
});

test("whatever is sent, the answer is an address", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (forwarded) => {
      expect(addressOf("10.0.0.1", ...forwarded)).toMatch(/^[\da-f.:]+$/);
    }),
  );
});
