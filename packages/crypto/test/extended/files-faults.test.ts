/**
 * Stops a writer at every system call that changes the disk, and checks what is there then.
 * Needs Linux and Debian's strace.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFile, readTextFile, replaceFile } from "../../src/files/index.ts";
import { type Job, names, useChild, useDirectory } from "../files/harness.ts";
import { numbered, runWithFaults, traceable } from "./faults.ts";

const directory = useDirectory();
const child = useChild();
const run = (job: Job, ...faults: string[]) => runWithFaults(child, job, ...faults);

function replacing(): Job {
  const target = join(directory(), "config.json");
  rmSync(target, { force: true });
  writeFileSync(target, "old");
  return { do: "replace", target, expectedHash: readTextFile(target).hash, data: "new" };
}

function creating(): Job {
  const path = join(directory(), "config.json");
  rmSync(path, { force: true });
  return { do: "create", path, data: "new", mode: 0o600 };
}

function content(): string | undefined {
  const path = join(directory(), "config.json");
  return statSync(path, { throwIfNoEntry: false }) && readFileSync(path, "utf8");
}

describe.runIf(traceable)("a writer that is killed", () => {
  it("leaves a replaced file wholly old or wholly new, and the next run closes", async () => {
    const { calls } = run(replacing());
    expect(calls).toEqual(["fchmod", "ftruncate", "fchmod", "fsync", "rename", "fsync", "unlink"]);
    for (const [call, when] of numbered(calls)) {
      const job = replacing();
      run(job, `${call}:signal=KILL:when=${when}`);
      const found = content();
      expect(["old", "new"]).toContain(found);
      for (const name of names(directory())) {
        expect(name).toMatch(/^(config\.json|\.proxmox-mcp\.lock|\.config\.json\.pm-.*\.new)$/);
      }
      const target = join(directory(), "config.json");
      await replaceFile({ target, expectedHash: readTextFile(target).hash, data: "next" });
      expect([content(), names(directory())]).toEqual(["next", ["config.json"]]);
    }
  });

  it("leaves a created file wholly there or not at all, and the next run closes", async () => {
    const { calls } = run(creating());
    expect(calls).toEqual([
      "fchmod",
      "ftruncate",
      "fchmod",
      "fsync",
      "link",
      "unlink",
      "fsync",
      "unlink",
    ]);
    for (const [call, when] of numbered(calls)) {
      const job = creating();
      run(job, `${call}:signal=KILL:when=${when}`);
      expect(["new", undefined]).toContain(content());
      const path = join(directory(), "config.json");
      await createFile({ path, data: "next", mode: 0o600, replaceExisting: true });
      expect([content(), names(directory())]).toEqual(["next", ["config.json"]]);
      expect(statSync(path).nlink).toBe(1);
    }
  });
});

describe.runIf(traceable)("a system call that fails", () => {
  it.each([
    "fchmod:error=EPERM:when=1",
    "fchmod:error=EPERM:when=2",
    "fsync:error=EIO:when=1",
    "fsync:error=ENOSPC:when=1",
    "fsync:error=EDQUOT:when=1",
    "rename:error=EXDEV:when=1",
    "rename:error=EBUSY:when=1",
    "rename:error=EIO:when=1",
  ])("before the new text took its place changes nothing: %s", (fault) => {
    const { answer, calls } = run(replacing(), fault);
    expect(answer?.code).toBe("WRITE_FAILED");
    expect(answer?.message).toMatch(/; nothing was changed$/);
    expect([content(), names(directory())]).toEqual(["old", ["config.json"]]);
    if (fault.startsWith("fsync")) expect(calls.filter((call) => call === "fsync")).toHaveLength(1);
  });

  it("after it took its place is told apart", () => {
    const { answer, calls } = run(replacing(), "fsync:error=EIO:when=2");
    expect(answer?.code).toBe("NOT_CLOSED");
    expect(answer?.message).toContain("was replaced, but its durability is unknown");
    expect([content(), names(directory())]).toEqual(["new", ["config.json"]]);
    expect(calls.filter((call) => call === "fsync")).toHaveLength(2);
  });

  it("is no failure where the file system cannot flush a directory", () => {
    expect(run(replacing(), "fsync:error=EINVAL:when=2").answer).toEqual({ ok: true });
    expect(content()).toBe("new");
  });

  it.each(["fsync:error=EIO:when=1", "link:error=ENOSPC:when=1"])(
    "leaves no created file: %s",
    (fault) => {
      const { answer } = run(creating(), fault);
      expect(answer?.code).toBe("WRITE_FAILED");
      expect(names(directory())).toEqual([]);
    },
  );

  it("tells a created file whose durability is unknown", () => {
    for (const fault of ["fsync:error=EIO:when=2", "unlink:error=EIO:when=1"]) {
      const { answer } = run(creating(), fault);
      expect(answer?.code).toBe("NOT_CLOSED");
      expect(answer?.message).toContain("was written, but");
      expect(content()).toBe("new");
    }
  });

  it.each(["EPERM", "EOPNOTSUPP"])("creates a file where links are refused with %s", (code) => {
    const { answer, calls } = run(creating(), `link:error=${code}:when=1`);
    expect(answer).toEqual({ ok: true });
    expect([content(), names(directory())]).toEqual(["new", ["config.json"]]);
    expect(calls).toEqual([
      ...["fchmod", "ftruncate", "fchmod", "fsync", "link", "rename", "fsync", "unlink"],
    ]);
  });

  it("leaves no half of a file where links are refused and the disk fails", () => {
    const { answer } = run(creating(), "link:error=EPERM:when=1", "rename:error=EIO:when=1");
    expect(answer?.code).toBe("WRITE_FAILED");
    expect(names(directory())).toEqual([]);
  });

  it("works on where a lock file cannot be deleted", async () => {
    expect(run(replacing(), "unlink:error=EPERM:when=1").answer).toEqual({ ok: true });
    expect(names(directory())).toEqual([".proxmox-mcp.lock", "config.json"]);
    await createFile({ path: join(directory(), "other"), data: "", mode: 0o600 });
    expect(names(directory())).toEqual(["config.json", "other"]);
  });
});
