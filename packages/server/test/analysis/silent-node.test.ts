/** A node that does not answer costs an analysis one wait, and not one for each guest on it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { expect, test } from "vitest";
import { openGaps } from "../../src/analysis/gaps.ts";
import { gatherOptimization } from "../../src/analysis/optimization/gather-optimization.ts";
import { VM_STATUS } from "../../src/proxmox/endpoints.ts";
import { clientOf, startHost } from "../proxmox/host.ts";

const GIB = 1024 ** 3;

test.each(["PROXMOX_TIMEOUT", "NODE_UNREACHABLE"] as const)(
  "after %s a node is not asked again, and others are",
  async (code) => {
    const gaps = openGaps();
    const asked: string[] = [];
    const ask = (node: string, answer: () => string) =>
      gaps.attempt({
        facts: ["status"],
        what: `status on ${node}`,
        endpoint: VM_STATUS,
        values: { node, vmid: 100 },
        read: async () => {
          asked.push(node);
          return answer();
        },
      });
    const hang = (): string => {
      throw new ProxmoxMcpError(code, "no answer");
    };
    expect(await ask("pve1", hang)).toBeUndefined();
    expect(await ask("pve1", () => "late")).toBeUndefined();
    expect(await ask("pve2", () => "answer")).toBe("answer");
    expect(asked).toEqual(["pve1", "pve2"]);
    expect(gaps.all).toMatchObject([
      { code, why: "no answer" },
      { code, why: "node pve1 had not answered before, and was not asked again" },
    ]);
  },
);

test("of twenty guests on a silent node a few are asked for, and all are gaps", async () => {
  const guests = Array.from({ length: 21 }, (_, index) => ({
    ...{
      type: "qemu",
      vmid: 100 + index,
      status: "running",
      cpu: 0.001,
      mem: GIB,
      maxmem: 8 * GIB,
    },
    node: index === 20 ? "pve2" : "pve1",
  }));
  const nodes = ["pve1", "pve2"].map((node) => ({ type: "node", node, status: "online" }));
  const host = await startHost(({ url }, response) => {
    const { pathname } = new URL(url, "https://localhost");
    if (pathname.endsWith("/cluster/resources")) {
      response.end(JSON.stringify({ data: [...nodes, ...guests] }));
    } else if (pathname.includes("/nodes/pve1/")) {
      response.writeHead(595, "No route to host").end();
    } else {
      response.end(JSON.stringify({ data: pathname.endsWith("/rrddata") ? [] : {} }));
    }
  });
  const { coverage } = await gatherOptimization(clientOf(host), new AbortController().signal);
  const loads = (node: string) =>
    host.seen.filter(({ url }) => url.includes(`/nodes/${node}/`) && url.includes("rrddata"));
  expect(loads("pve1").length).toBeLessThanOrEqual(4);
  expect(loads("pve2")).toHaveLength(1);
  expect(coverage.gaps.filter(({ code }) => code === "NODE_UNREACHABLE")).toHaveLength(20);
});
