import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAuditLog } from "../../src/files/index.ts";
import { failure, mode, names, useDirectory } from "./harness.ts";

const directory = useDirectory();
const NOW = "2026-01-31T12:00:00.000Z";

describe("openAuditLog", () => {
  it("makes a file of mode 600 and appends one JSON line for each entry", () => {
    const path = join(directory(), "audit.log");
    const log = openAuditLog(path);
    log.append({ time: NOW, operation: "encrypt", outcome: "done" });
    log.append({ time: NOW, operation: "set", outcome: "done" });
    log.close();
    expect(mode(path)).toBe("600");
    expect(readFileSync(path, "utf8")).toBe(
      `{"time":"${NOW}","operation":"encrypt","outcome":"done"}\n` +
        `{"time":"${NOW}","operation":"set","outcome":"done"}\n`,
    );
  });

  it("keeps what is there", () => {
    const path = join(directory(), "audit.log");
    const earlier = '{"time":"2026-01-01T00:00:00.000Z","operation":"encrypt"}\n';
    writeFileSync(path, earlier);
    const log = openAuditLog(path);
    log.append({ time: NOW, operation: "set" });
    log.close();
    expect(readFileSync(path, "utf8")).toBe(`${earlier}{"time":"${NOW}","operation":"set"}\n`);
  });

  it("begins every line in the way that its logs are known by", () => {
    const path = join(directory(), "audit.log");
    for (const operation of ["encrypt", "set"]) {
      const log = openAuditLog(path);
      log.append({ operation, time: NOW });
      log.close();
    }
    expect(readFileSync(path, "utf8")).toMatch(/^({"time":.*\n){2}$/);
  });

  it.each([
    ["a config", '{ "auth": {} }\n'],
    ["a key file", `${Buffer.alloc(32, 7).toString("base64url")}=\n`],
    ["a file shorter than the beginning of a line", "{"],
  ])("refuses %s and leaves it as it is", async (_, content) => {
    const path = join(directory(), "other");
    writeFileSync(path, content);
    const error = await failure(() => openAuditLog(path));
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
    expect(error.message).toMatch(/is no audit log; nothing was done$/);
    expect(readFileSync(path, "utf8")).toBe(content);
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
      const error = await failure(() => log.append({ time: NOW, operation: "set" }));
      log.close();
      expect(error).toMatchObject({ code: "NOT_CLOSED", where: { file: "/dev/full" } });
      expect(error.message).toMatch(/^the operation is over, but it could not be recorded/);
    },
  );
});

describe.runIf(process.platform !== "win32")("an audit log that is no file", () => {
  it("may be a device, which has nothing to flush", () => {
    const log = openAuditLog("/dev/null");
    log.append({ time: "2024-03-02T01:00:00.000Z", operation: "set" });
    log.close();
  });

  it("is refused as a pipe that nobody reads, and never waited for", async () => {
    const path = join(directory(), "pipe");
    spawnSync("mkfifo", [path]);
    const error = await failure(() => openAuditLog(path));
    expect(error.code).toBe("WRITE_FAILED");
  });
});
