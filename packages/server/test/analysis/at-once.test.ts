import { expect, test } from "vitest";
import { eachAtOnce } from "../../src/analysis/at-once.ts";
import { NODE_STATUS, VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, failureOf, startHost } from "../proxmox/host.ts";

test("a node that hangs holds up an analysis, and nobody else", async () => {
  const host = await startHost(({ url }, response) =>
    url.endsWith("/version") ? response.end('{"data":"answered"}') : undefined,
  );
  const client = clientOf(host);
  const nodes = Array.from({ length: 20 }, (_, index) => `pve${index}`);
  const ask = (node: string) => failureOf(client.call(NODE_STATUS, { values: { node } }));
  const analyses = [1, 2, 3].map(() => eachAtOnce(nodes, ask));
  expect(await client.call(VERSION, { values: {} })).toBe("answered");
  await client.destroy();
  await Promise.all(analyses);
});
