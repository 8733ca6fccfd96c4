import { SecretText } from "@proxmox-mcp/crypto/config";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, failureOf, gate, type Handler, startHost, TOKEN } from "./host.ts";

const PASSWORD = { user: "mcp@pve", password: new SecretText("example") };
const SECOND = 1000;

/** Refuses whoever asks until it is told otherwise. */
function refusing(): { handler: Handler; accept(): void } {
  let isRefusing = true;
  const handler: Handler = (_, response) => {
    if (isRefusing) return response.writeHead(401, "authentication failure").end();
    const data = { ticket: "PVE:example", CSRFPreventionToken: "example" };
    return response.end(JSON.stringify({ data }));
  };
  return {
    handler,
    accept() {
      isRefusing = false;
    },
  };
}

describe.each([
  ["a token", TOKEN, 30, "1 s"],
  ["a password", PASSWORD, 300, "1 s"],
])("%s that was refused", (_, credentials, pause, left) => {
  it("is not sent again for a while, and every error says for how long", async () => {
    const { handler, accept } = refusing();
    const host = await startHost(handler);
    let time = 5 * SECOND;
    const client = clientOf(host, { credentials, now: () => time });
    const failure = () => failureOf(client.call(VERSION, { values: {} }));
    const first = await failure();
    expect(first).toMatchObject({
      code: "PROXMOX_UNAUTHORIZED",
      hint: expect.stringMatching(
        new RegExp(`; the same .* after ${pause} s, or once the config is loaded anew$`),
      ),
    });
    time += (pause - 1) * SECOND;
    const second = await failure();
    expect(second).toMatchObject({ code: "PROXMOX_UNAUTHORIZED", message: first.message });
    expect(second.hint).toContain(`after ${left}, or once`);
    expect(host.seen).toHaveLength(1);
    accept();
    time += SECOND;
    await client.call(VERSION, { values: {} });
    const sent = host.seen.length;
    await client.call(VERSION, { values: {} });
    expect(host.seen).toHaveLength(sent + 1);
  });

  it("is sent again by the next client, which a reload opens", async () => {
    const { handler } = refusing();
    const host = await startHost(handler);
    for (const asked of [1, 2]) {
      await failureOf(clientOf(host, { credentials }).call(VERSION, { values: {} }));
      expect(host.seen).toHaveLength(asked);
    }
  });
});

it("a token that was accepted meanwhile is not held back by a refusal that came late", async () => {
  const late = gate();
  const arrived = gate();
  let asked = 0;
  const host = await startHost(async (_, response) => {
    asked += 1;
    if (asked > 2) return response.end('{"data":"ok"}');
    if (asked === 2) arrived.open();
    await late.opened;
    return response.writeHead(401, "No").end();
  });
  let time = 0;
  const client = clientOf(host, { now: () => time });
  const both = [1, 2].map(() => failureOf(client.call(VERSION, { values: {} })));
  await arrived.opened;
  late.open();
  for (const failure of await Promise.all(both)) {
    expect(failure.hint).toContain("after 30 s");
  }
  time = 30 * SECOND;
  expect(await client.call(VERSION, { values: {} })).toBe("ok");
});
