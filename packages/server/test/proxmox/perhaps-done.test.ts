/** Of a call that changes something and whose answer was lost, nobody knows whether it was carried out. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { VM_CONFIG, VM_DELETE } from "../../src/proxmox/endpoints.ts";
import { answering, clientOf, failureOf, startHost } from "./host.ts";

const values = { node: "pve2", vmid: 108 };
const PERHAPS = /^the call may have been carried out: look before you repeat it/;
const PAGE = "<html><body>Bad Gateway</body></html>";

describe("an answer that leaves it open", () => {
  it.each([
    [596, "Broken pipe", "", "NODE_UNREACHABLE"],
    [599, "Too many redirections", "", "NODE_UNREACHABLE"],
    [502, "Bad Gateway", PAGE, "PROXMOX_ANSWER"],
    [500, "Internal Server Error", PAGE, "PROXMOX_ANSWER"],
    [502, "Bad Gateway", "", "PROXMOX_FAILED"],
    [503, "Service Unavailable", "no server", "PROXMOX_FAILED"],
    [504, "Gateway Timeout", "", "PROXMOX_FAILED"],
    [200, "OK", PAGE, "PROXMOX_ANSWER"],
  ])("is %i %s with %j", async (status, reason, body, code) => {
    const client = clientOf(await startHost(answering(status, reason, body)));
    const failure = await failureOf(client.call(VM_DELETE, { values }));
    expect(failure).toMatchObject({ code, hint: expect.stringMatching(PERHAPS) });
    const read = await failureOf(client.call(VM_CONFIG, { values }));
    expect(read.hint).not.toMatch(PERHAPS);
    expect(failure.hint).toContain(`; ${read.hint}`);
  });

  it.each([
    [595, "No route to host", ""],
    [500, "VM is locked (backup)", ""],
    [501, "Not Implemented", ""],
    [403, "Permission check failed", ""],
    [404, "Not Found", PAGE],
    [301, "Moved Permanently", PAGE],
  ])("is not %i %s", async (status, reason, body) => {
    const client = clientOf(await startHost(answering(status, reason, body)));
    const failure = await failureOf(client.call(VM_DELETE, { values }));
    expect(failure.hint).not.toMatch(PERHAPS);
  });
});

describe("a call that ends early", () => {
  it.each(["its caller", "the end of the server"])("by %s, on its way", async (by) => {
    const arrival = new EventTarget();
    const arrived = once(arrival, "request");
    const client = clientOf(await startHost(() => arrival.dispatchEvent(new Event("request"))));
    const caller = new AbortController();
    const failure = failureOf(client.call(VM_DELETE, { values, signal: caller.signal }));
    await arrived;
    if (by === "its caller") caller.abort();
    else await client.destroy();
    expect(await failure).toMatchObject({
      code: "CANCELLED",
      hint: expect.stringMatching(PERHAPS),
    });
  });

  it("before it was sent, has done nothing", async () => {
    const host = await startHost(() => undefined);
    const client = clientOf(host);
    const cancelled = await failureOf(
      client.call(VM_DELETE, { values, signal: AbortSignal.abort() }),
    );
    await client.destroy();
    const late = await failureOf(client.call(VM_DELETE, { values }));
    for (const { code, hint } of [cancelled, late]) {
      expect(code).toBe("CANCELLED");
      expect(hint ?? "").not.toMatch(PERHAPS);
    }
    expect(host.seen).toEqual([]);
  });
});
