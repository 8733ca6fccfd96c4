import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Page, pageOf } from "../../src/tools/page.ts";

const id = fc.string({ unit: "binary", maxLength: 12 });
const ids = fc.uniqueArray(id, { maxLength: 40 });

const own = (text: string): string => text;

test("pages give each item once, in order, and say how many there are", () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 7 }), (items, limit) => {
      const seen: string[] = [];
      let page: Page<string> = pageOf(items, { limit }, "get_vms", own);
      seen.push(...page.items);
      while (page.next_cursor !== null) {
        expect(page.items).toHaveLength(limit);
        expect(page.total).toBe(items.length);
        page = pageOf(items, { limit, cursor: page.next_cursor }, "get_vms", own);
        seen.push(...page.items);
      }
      expect(seen).toEqual([...items].sort((a, b) => (a < b ? -1 : 1)));
    }),
  );
});

test("what stays in a list that changes between pages is given once", () => {
  fc.assert(
    fc.property(
      ids,
      fc.array(ids, { maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      (stay, changes, limit) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        for (let step = 0; ; step += 1) {
          const others = (changes[step] ?? []).filter((item) => !stay.includes(item));
          const page = pageOf([...others, ...stay], { limit, cursor }, "get_vms", own);
          seen.push(...page.items);
          if (page.next_cursor === null) break;
          cursor = page.next_cursor;
        }
        const stayed = seen.filter((item) => stay.includes(item));
        expect(stayed).toEqual([...stay].sort((a, b) => (a < b ? -1 : 1)));
      },
    ),
  );
});

test("a cursor that the list has not given is refused, whatever it is", () => {
  const cursor = pageOf(["a", "b"], { limit: 1 }, "get_vms", own).next_cursor ?? "";
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.base64String(),
        fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString("base64url")),
        fc.nat(cursor.length - 1).map((cut) => cursor.slice(0, cut)),
        fc.constantFrom(`${cursor}=`, `${cursor}A`, ` ${cursor}`, `${cursor}\n`),
        fc.constant(pageOf(["a", "b"], { limit: 1 }, "get_containers", own).next_cursor ?? ""),
      ),
      (bad) => {
        try {
          pageOf(["a", "b"], { limit: 1, cursor: bad }, "get_vms", own);
          expect.unreachable(`took ${JSON.stringify(bad)}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ProxmoxMcpError);
          expect(error).toMatchObject({
            code: "USAGE",
            message: "get_vms has given no such cursor",
          });
        }
      },
    ),
  );
});
