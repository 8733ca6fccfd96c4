/** docs/troubleshooting.md has a place for every way in which Proxmox can fail. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { expect, test } from "vitest";

const PAGE = readFileSync(join(import.meta.dirname, "../../../../docs/troubleshooting.md"), "utf8");

test("every code of exit status 11 and 12 has a section", () => {
  const codes = Object.entries(EXIT_STATUS)
    .filter(([, status]) => status === 11 || status === 12)
    .map(([code]) => code);
  const sections = [...PAGE.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
  expect(sections).toEqual(expect.arrayContaining(codes));
});

test("the ways out of a certificate come in their order", () => {
  const ways = ["**The CA of the cluster.**", "**The fingerprint.**", "**No verification.**"];
  const places = ways.map((way) => PAGE.indexOf(way));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
