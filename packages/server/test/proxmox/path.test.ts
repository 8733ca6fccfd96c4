import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeParameters } from "../../src/proxmox/parameters.ts";
import { fillPath } from "../../src/proxmox/path.ts";

const PATH = "/nodes/{node}/qemu/{vmid}/config";

/** What Proxmox makes of a path: it decodes first and splits then. */
const segmentsAtProxmox = (path: string) => decodeURIComponent(path).split("/");

describe("fillPath", () => {
  it("fills each placeholder", () => {
    const path = fillPath("/nodes/{node}/tasks/{upid}/log", {
      node: "pve1",
      upid: "UPID:pve1:0000A1B2:00C3D4E5:655F0000:qmstart:100:root@pam:",
    });
    expect(path).toBe(
      "/nodes/pve1/tasks/UPID%3Apve1%3A0000A1B2%3A00C3D4E5%3A655F0000%3Aqmstart%3A100%3Aroot%40pam%3A/log",
    );
  });

  it.each([
    "",
    ".",
    "..",
    "/",
    "a/b",
    "../../access",
    "a\\b",
    "a\nb",
    "\u0000",
    "\u0085",
    "\ud800",
  ])("refuses %j", (node) => {
    expect(() => fillPath(PATH, { node, vmid: 100 })).toThrow(
      expect.objectContaining({
        code: "PROXMOX_INVALID",
        message: expect.stringMatching(/^node: /),
      }),
    );
  });

  it("keeps every value that it takes within its segment", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("/", ".", "%", "2", "F", "\\", "?", "#", ";", "a", " ") }),
    );
    fc.assert(
      fc.property(value, fc.integer(), (node, vmid) => {
        let path: string;
        try {
          path = fillPath(PATH, { node, vmid });
        } catch {
          return;
        }
        const expected = ["", "nodes", node, "qemu", String(vmid), "config"];
        expect(segmentsAtProxmox(path)).toEqual(expected);
        expect(new URL(`https://host${path}`).pathname).toBe(path);
        expect(path).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes every node name and guest number that Proxmox knows", () => {
    const node = fc.stringMatching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/);
    fc.assert(
      fc.property(node, fc.integer({ min: 100, max: 999_999_999 }), (name, vmid) => {
        expect(fillPath(PATH, { node: name, vmid })).toBe(`/nodes/${name}/qemu/${vmid}/config`);
      }),
    );
  });

  it("is a mistake of ours without a value", () => {
    expect(() => fillPath(PATH, { node: "pve1" } as never)).toThrow(TypeError);
    expect(() => fillPath("/nodes/{toString}", {} as never)).toThrow(TypeError);
  });
});

describe("encodeParameters", () => {
  it("writes booleans as 1 and 0, repeats arrays, and leaves out what is undefined", () => {
    expect(
      encodeParameters({
        full: true,
        errors: false,
        limit: 50,
        vmid: undefined,
        command: ["ls", "-l"],
      }),
    ).toBe("full=1&errors=0&limit=50&command=ls&command=-l");
  });

  it("gives back every text that it was given", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (command) => {
        const form = new URLSearchParams(encodeParameters({ command, last: "x" }));
        expect(form.getAll("command")).toEqual(command);
        expect(form.getAll("last")).toEqual(["x"]);
      }),
    );
  });
});
