import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFile } from "../../src/files/index.ts";
import { canDropRoot, failure, mode, names, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;

describe("createFile", () => {
  it("writes the whole text and nothing beside it", async () => {
    const path = join(directory(), "config.encrypted.json");
    const data = "\uFEFFä🏠\r\n".repeat(100_000);
    const seen: string[] = [];
    await createFile({ path, data, mode: 0o600, verify: (text) => void seen.push(text) });
    expect(readFileSync(path, "utf8")).toBe(data);
    expect(seen).toEqual([data]);
    expect(names(directory())).toEqual(["config.encrypted.json"]);
    expect(statSync(path).nlink).toBe(1);
  });

  it("shows the name only when the text has been verified", async () => {
    const path = join(directory(), "out.json");
    const seen: string[][] = [];
    await createFile({
      path,
      data: "new",
      mode: 0o600,
      verify: () => void seen.push(names(directory())),
    });
    expect(seen).toEqual([
      [expect.stringMatching(/^\.out\.json\.pm-[0-9a-f]{16}\.new$/), ".proxmox-mcp.lock"],
    ]);
  });

  it.runIf(posix).each(["000", "022", "077"])(
    "gives exactly the mode asked for under umask %s",
    (umask) => {
      for (const bits of [0o600, 0o640, 0o644, 0o666]) {
        const path = join(directory(), "out.json");
        expect(child.run({ do: "create", path, data: "new", mode: bits }, { umask })).toEqual({
          ok: true,
        });
        expect(mode(path)).toBe(bits.toString(8));
        rmSync(path);
      }
    },
  );

  it.runIf(root)("gives the owner asked for", async () => {
    const path = join(directory(), "out.json");
    await createFile({ path, data: "new", mode: 0o640, owner: { uid: 1234, gid: 5678 } });
    const { uid, gid } = statSync(path);
    expect([uid, gid, mode(path)]).toEqual([1234, 5678, "640"]);
  });

  it.runIf(root && canDropRoot)("keeps the file where its user may not give it away", () => {
    chmodSync(directory(), 0o777);
    const path = join(directory(), "out.json");
    const answer = child.run(
      { do: "create", path, data: "new", mode: 0o640, owner: { uid: 0, gid: 0 } },
      { ordinaryUser: true },
    );
    expect(answer).toEqual({ ok: true });
    expect([statSync(path).uid, mode(path)]).toEqual([65534, "640"]);
  });

  it("never touches a file that is there", async () => {
    const path = join(directory(), "out.json");
    writeFileSync(path, "kept");
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600 }));
    expect(error).toMatchObject({ code: "OUTPUT_EXISTS", where: { file: path } });
    expect(error.message).toBe(`${path} exists already; nothing was written`);
    expect(readFileSync(path, "utf8")).toBe("kept");
    expect(names(directory())).toEqual(["out.json"]);
  });

  it("never touches a file that appears while it verifies", async () => {
    const path = join(directory(), "out.json");
    const verify = (): void => writeFileSync(path, "theirs");
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600, verify }));
    expect(error.code).toBe("OUTPUT_EXISTS");
    expect(readFileSync(path, "utf8")).toBe("theirs");
    expect(names(directory())).toEqual(["out.json"]);
  });

  it.runIf(posix)("never writes through a link, not even one that leads nowhere", async () => {
    symlinkSync("elsewhere", join(directory(), "out.json"));
    const path = join(directory(), "out.json");
    for (const replaceExisting of [false, true]) {
      const error = await failure(() =>
        createFile({ path, data: "new", mode: 0o600, replaceExisting }),
      );
      expect(error.code).toBe(replaceExisting ? "WRITE_FAILED" : "OUTPUT_EXISTS");
    }
    expect(names(directory())).toEqual(["out.json"]);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it("refuses a directory", async () => {
    const path = join(directory(), "below");
    mkdirSync(path);
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600 }));
    expect(error).toMatchObject({
      code: "FILE_NOT_REGULAR",
      message: `${path} is a directory; nothing was written`,
      where: { file: path },
      hint: "name a file in it",
    });
    const forced = await failure(() =>
      createFile({ path, data: "new", mode: 0o600, replaceExisting: true }),
    );
    expect(forced.code).toBe("FILE_NOT_REGULAR");
    expect(names(directory())).toEqual(["below"]);
  });

  it("replaces what is there when told to, and follows a link then", async () => {
    const path = join(directory(), "out.json");
    writeFileSync(path, "old", { mode: 0o644 });
    await createFile({ path, data: "new", mode: 0o600, replaceExisting: true });
    expect(readFileSync(path, "utf8")).toBe("new");
    if (!posix) return;
    expect(mode(path)).toBe("600");
    symlinkSync("out.json", join(directory(), "link"));
    const link = join(directory(), "link");
    await createFile({ path: link, data: "newer", mode: 0o600, replaceExisting: true });
    expect([readlinkSync(link), readFileSync(path, "utf8")]).toEqual(["out.json", "newer"]);
    expect(names(directory())).toEqual(["link", "out.json"]);
  });

  it("creates what is not there when told to replace", async () => {
    const path = join(directory(), "out.json");
    await createFile({ path, data: "new", mode: 0o600, replaceExisting: true });
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(names(directory())).toEqual(["out.json"]);
  });

  it("writes nothing when verify fails or it is interrupted", async () => {
    const path = join(directory(), "out.json");
    const stop = new AbortController();
    const verify = (): void => {
      throw new RangeError("no");
    };
    await expect(createFile({ path, data: "new", mode: 0o600, verify })).rejects.toThrow(
      RangeError,
    );
    const error = await failure(() =>
      createFile({
        path,
        data: "new",
        mode: 0o600,
        signal: stop.signal,
        verify: () => stop.abort(),
      }),
    );
    expect(error.code).toBe("INTERRUPTED");
    expect(names(directory())).toEqual([]);
  });

  it("tells that somebody took its temporary file away", async () => {
    const path = join(directory(), "out.json");
    const verify = (): void => {
      for (const name of names(directory())) {
        if (name.endsWith(".new")) rmSync(join(directory(), name));
      }
    };
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600, verify }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("nothing was changed");
    expect(names(directory())).toEqual([]);
  });

  it("names a directory that is missing, and the command that makes it", async () => {
    const path = join(directory(), "absent", "out.json");
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600 }));
    expect(error).toMatchObject({
      code: "WRITE_FAILED",
      message: `cannot write ${path}: no such file or directory; nothing was changed`,
      hint: `create the directory first: mkdir -p ${join(directory(), "absent")}`,
    });
    expect(names(directory())).toEqual([]);
  });

  it.runIf(posix)("tells a directory that is a file", async () => {
    writeFileSync(join(directory(), "file"), "kept");
    const path = join(directory(), "file", "out.json");
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600 }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("is not a directory; nothing was changed");
    expect(names(directory())).toEqual(["file"]);
  });

  it("tells a name that is too long", async () => {
    const path = join(directory(), "x".repeat(300));
    const error = await failure(() => createFile({ path, data: "new", mode: 0o600 }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(names(directory())).toEqual([]);
  });

  it.runIf(process.platform === "linux")("tells a file system that takes no files", async () => {
    const error = await failure(() =>
      createFile({ path: "/proc/out.json", data: "", mode: 0o600 }),
    );
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("cannot write in /proc");
  });

  it.runIf(posix && canDropRoot)("tells a directory that it may not write", () => {
    const path = join(directory(), "out.json");
    chmodSync(directory(), 0o555);
    const answer = child.run({ do: "create", path, data: "", mode: 0o600 }, { ordinaryUser: true });
    chmodSync(directory(), 0o755);
    expect(answer).toMatchObject({
      code: "WRITE_FAILED",
      message: `cannot write in ${directory()}: permission denied; nothing was changed`,
      hint: `run as a user who may write in ${directory()}`,
    });
    expect(names(directory())).toEqual([]);
  });

  it.runIf(posix)("leaves nothing when the disk takes only a part of the text", () => {
    const path = join(directory(), "out.json");
    const answer = child.run(
      { do: "create", path, data: "x".repeat(100_000), mode: 0o600 },
      { fileLimit: 8 },
    );
    expect(answer.code).toBe("WRITE_FAILED");
    expect(answer.message).toContain("nothing was changed");
    expect(names(directory())).toEqual([]);
  });

  it("lets exactly one of two creators win", async () => {
    const path = join(directory(), "out.json");
    const winner = await child.start({
      do: "create",
      path,
      data: "winner",
      mode: 0o600,
      pause: true,
    });
    const loser = child.run({ do: "create", path, data: "loser", mode: 0o600 });
    expect(loser.code).toBe("LOCKED");
    expect(await winner.goOn()).toEqual({ ok: true });
    expect(child.run({ do: "create", path, data: "late", mode: 0o600 }).code).toBe("OUTPUT_EXISTS");
    expect(readFileSync(path, "utf8")).toBe("winner");
    expect(names(directory())).toEqual(["out.json"]);
  });
});
