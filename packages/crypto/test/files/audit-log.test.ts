import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAuditLog } from "../../src/files/index.ts";
import { failure, mode, names, useDirectory } from "./harness.ts";

const directory = useDirectory();

describe("openAuditLog", () => {
  it("makes a file of mode 600 and appends one JSON line for each entry", () => {
    const path = join(directory(), "audit.log");
    const log = openAuditLog(path);
    log.append({ operation: "encrypt", outcome: "done" });
    log.append({ operation: "set", outcome: "done" });
    log.close();
    expect(mode(path)).toBe("600");
    expect(readFileSync(path, "utf8")).toBe(
      '{"operation":"encrypt","outcome":"done"}\n{"operation":"set","outcome":"done"}\n',
    );
  });

  it("keeps what is there", () => {
    const path = join(directory(), "audit.log");
    writeFileSync(path, "earlier\n");
    const log = openAuditLog(path);
    log.append({ operation: "set" });
    log.close();
    expect(readFileSync(path, "utf8")).toBe('earlier\n{"operation":"set"}\n');
  });

  it("fails before anything is done where the file cannot be opened", async () => {
    const error = await failure(() => openAuditLog(join(directory(), "missing", "audit.log")));
    expect(error.code).toBe("WRITE_FAILED");
    expect(names(directory())).toEqual([]);
  });

  it.skipIf(!existsSync("/dev/full"))(
    "says that the operation is over where a line cannot be written",
    async () => {
      const log = openAuditLog("/dev/full");
      const error = await failure(() => log.append({ operation: "set" }));
      log.close();
      expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: "/dev/full" } });
      expect(error.message).toMatch(/^the operation is over, but it could not be recorded/);
    },
  );
});
