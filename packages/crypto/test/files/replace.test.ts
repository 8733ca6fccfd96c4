import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ProxmoxMcpError } from "../../src/errors.ts";
import { readTextFile, replaceFile } from "../../src/files/index.ts";
import { canDropRoot, failure, mode, names, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;

function config(text = "old\n", name = "config.json"): { path: string; expectedHash: string } {
  const path = join(directory(), name);
  writeFileSync(path, text);
  return { path, expectedHash: readTextFile(path).hash };
}

describe("replaceFile", () => {
  it("replaces the text and leaves nothing beside it", async () => {
    const { path, expectedHash } = config();
    const data = "\uFEFFnew: ä🏠\r\n".repeat(100_000);
    await replaceFile({ target: path, expectedHash, data });
    expect(readFileSync(path, "utf8")).toBe(data);
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("gives the text, as the disk gave it back, to verify before the old one goes", async () => {
    const { path, expectedHash } = config();
    const seen: string[] = [];
    await replaceFile({
      target: path,
      expectedHash,
      data: "new",
      verify: async (text) => {
        const beside = names(directory()).find((name) => name.endsWith(".new")) ?? "";
        expect(beside).toMatch(/^\.config\.json\.pm-[0-9a-f]{16}\.new$/);
        seen.push(
          text,
          readFileSync(path, "utf8"),
          readFileSync(join(directory(), beside), "utf8"),
        );
      },
    });
    expect(seen).toEqual(["new", "old\n", "new"]);
  });

  it.runIf(posix).each(["000", "022", "077"])("keeps mode and owner under umask %s", (umask) => {
    for (const bits of [0o600, 0o640, 0o644, 0o664, 0o4755]) {
      const { path, expectedHash } = config();
      chmodSync(path, bits);
      if (root) chownSync(path, 1234, 5678);
      chmodSync(path, bits);
      const before = statSync(path);
      expect(
        child.run({ do: "replace", target: path, expectedHash, data: "new" }, { umask }),
      ).toEqual({
        ok: true,
      });
      const after = statSync(path);
      expect([mode(path), after.uid, after.gid]).toEqual([
        bits.toString(8),
        before.uid,
        before.gid,
      ]);
      expect(after.ino).not.toBe(before.ino);
      rmSync(path);
    }
  });

  it.runIf(posix)("gives the mode that is asked for", async () => {
    const { path, expectedHash } = config();
    chmodSync(path, 0o644);
    await replaceFile({ target: path, expectedHash, data: "new", mode: 0o600 });
    expect(mode(path)).toBe("600");
  });

  it.runIf(posix)("keeps a symbolic link and replaces what it leads to", async () => {
    mkdirSync(join(directory(), "real"));
    const { path, expectedHash } = config("old", "real/config.json");
    const link = join(directory(), "link.json");
    symlinkSync("real/config.json", link);
    await replaceFile({ target: link, expectedHash, data: "new" });
    expect(readlinkSync(link)).toBe("real/config.json");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(names(directory())).toEqual(["link.json", "real"]);
    expect(names(join(directory(), "real"))).toEqual(["config.json"]);
  });

  it("changes nothing when verify fails, and hands its error on", async () => {
    const { path, expectedHash } = config();
    const inode = statSync(path).ino;
    const reason = new ProxmoxMcpError("TOKEN_OPAQUE", "does not open");
    const error = await failure(() =>
      replaceFile({
        target: path,
        expectedHash,
        data: "new",
        verify: () => Promise.reject(reason),
      }),
    );
    expect(error).toBe(reason);
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(statSync(path).ino).toBe(inode);
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("hands on a programmer's mistake as it is, and cleans up", async () => {
    const { path, expectedHash } = config();
    const verify = (): void => {
      throw new TypeError("mistake");
    };
    await expect(replaceFile({ target: path, expectedHash, data: "new", verify })).rejects.toThrow(
      TypeError,
    );
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("refuses a file that is not the one that was read", async () => {
    const { path } = config();
    const expectedHash = readTextFile(config("other", "other").path).hash;
    let verified = false;
    const verify = (): void => {
      verified = true;
    };
    const error = await failure(() =>
      replaceFile({ target: path, expectedHash, data: "new", verify }),
    );
    expect(error).toMatchObject({ code: "FILE_CHANGED", where: { file: path } });
    expect(verified).toBe(false);
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(names(directory())).toEqual(["config.json", "other"]);
  });

  it("refuses a file that is edited while the new text is verified", async () => {
    const { path, expectedHash } = config();
    const error = await failure(() =>
      replaceFile({
        target: path,
        expectedHash,
        data: "new",
        verify: () => writeFileSync(path, "edited"),
      }),
    );
    expect(error.code).toBe("FILE_CHANGED");
    expect(readFileSync(path, "utf8")).toBe("edited");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("refuses a file that is deleted while the new text is verified", async () => {
    const { path, expectedHash } = config();
    const error = await failure(() =>
      replaceFile({ target: path, expectedHash, data: "new", verify: () => rmSync(path) }),
    );
    expect(error.code).toBe("FILE_NOT_FOUND");
    expect(names(directory())).toEqual([]);
  });

  it("changes nothing when it is interrupted, before or while it verifies", async () => {
    const { path, expectedHash } = config();
    const stop = new AbortController();
    let verified = 0;
    const work = (): Promise<unknown> =>
      replaceFile({
        target: path,
        expectedHash,
        data: "new",
        signal: stop.signal,
        verify: () => {
          verified++;
          stop.abort();
        },
      });
    expect((await failure(work)).code).toBe("INTERRUPTED");
    expect((await failure(work)).code).toBe("INTERRUPTED");
    expect(verified).toBe(1);
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("refuses a file with several hard links", async () => {
    const { path, expectedHash } = config();
    linkSync(path, join(directory(), "second"));
    const error = await failure(() => replaceFile({ target: path, expectedHash, data: "new" }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("2 hard links");
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(names(directory())).toEqual(["config.json", "second"]);
  });

  it("refuses a directory and a missing file", async () => {
    const { expectedHash } = config();
    const below = join(directory(), "below");
    mkdirSync(below);
    const replace = (target: string) =>
      failure(() => replaceFile({ target, expectedHash, data: "" }));
    expect((await replace(below)).code).toBe("FILE_NOT_REGULAR");
    expect((await replace(join(directory(), "absent"))).code).toBe("FILE_NOT_FOUND");
    expect(names(directory())).toEqual(["below", "config.json"]);
  });

  it("refuses a text that has no UTF-8 form", async () => {
    const { path, expectedHash } = config();
    const error = await failure(() => replaceFile({ target: path, expectedHash, data: "a\ud800" }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("refuses a name that leaves no room for the temporary one", async () => {
    const { path, expectedHash } = config("old\n", "x".repeat(240));
    const error = await failure(() => replaceFile({ target: path, expectedHash, data: "new" }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("the name is too long; nothing was changed");
    expect(names(directory())).toEqual([basename(path)]);
  });

  it.runIf(posix)("changes nothing when the disk takes only a part of the text", () => {
    const { path, expectedHash } = config();
    const job = { do: "replace", target: path, expectedHash, data: "x".repeat(100_000) } as const;
    const answer = child.run(job, { fileLimit: 8 });
    expect(answer.code).toBe("WRITE_FAILED");
    expect(answer.message).toMatch(
      /^cannot write .*config\.json: .* larger .*; nothing was changed$/,
    );
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it.runIf(posix && canDropRoot)("changes nothing in a directory that it may not write", () => {
    const { path, expectedHash } = config();
    chmodSync(directory(), 0o555);
    const answer = child.run(
      { do: "replace", target: path, expectedHash, data: "new" },
      { ordinaryUser: true },
    );
    chmodSync(directory(), 0o755);
    expect(answer).toMatchObject({
      code: "WRITE_FAILED",
      message: `cannot write in ${directory()}: permission denied; nothing was changed`,
    });
    expect(names(directory())).toEqual(["config.json"]);
  });

  it.runIf(root && canDropRoot)("refuses a file whose owner it could not give back", () => {
    const { path, expectedHash } = config();
    chmodSync(directory(), 0o777);
    const answer = child.run(
      { do: "replace", target: path, expectedHash, data: "new" },
      { ordinaryUser: true },
    );
    expect(answer.code).toBe("WRITE_FAILED");
    expect(answer.message).toContain("it belongs to user 0 and group 0");
    expect(readFileSync(path, "utf8")).toBe("old\n");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("tells the loser of two writers, and lets the winner finish", async () => {
    const { path, expectedHash } = config();
    const winner = await child.start({
      do: "replace",
      target: path,
      expectedHash,
      data: "winner",
      pause: true,
    });
    const loser = child.run({ do: "replace", target: path, expectedHash, data: "loser" });
    expect(loser.code).toBe("LOCKED");
    expect(loser.message).toContain(`process ${winner.child.pid}`);
    expect(await winner.goOn()).toEqual({ ok: true });
    expect(readFileSync(path, "utf8")).toBe("winner");
    const late = child.run({ do: "replace", target: path, expectedHash, data: "late" });
    expect(late.code).toBe("FILE_CHANGED");
    expect(names(directory())).toEqual(["config.json"]);
  });

  it("lets exactly one of many writers in one process win", async () => {
    const { path, expectedHash } = config();
    const texts = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
    const results = await Promise.allSettled(
      texts.map((data) => replaceFile({ target: path, expectedHash, data })),
    );
    const winners = texts.filter((_, index) => results[index]?.status === "fulfilled");
    expect(winners).toEqual([readFileSync(path, "utf8")]);
    for (const result of results) {
      if (result.status === "rejected")
        expect(result.reason.code).toMatch(/^(LOCKED|FILE_CHANGED)$/);
    }
    expect(names(directory())).toEqual(["config.json"]);
  });

  it.runIf(process.platform === "linux")(
    "leaves the old text when it is killed, and the next run takes the rest away",
    async () => {
      const { path, expectedHash } = config();
      const dying = await child.start({
        do: "replace",
        target: path,
        expectedHash,
        data: "dying",
        pause: true,
      });
      await dying.kill();
      expect(readFileSync(path, "utf8")).toBe("old\n");
      expect(names(directory())).toEqual([
        expect.stringMatching(/^\.config\.json\.pm-[0-9a-f]{16}\.new$/),
        ".proxmox-mcp.lock",
        "config.json",
      ]);
      await replaceFile({ target: path, expectedHash, data: "new" });
      expect(readFileSync(path, "utf8")).toBe("new");
      expect(names(directory())).toEqual(["config.json"]);
    },
  );

  const canMount = root && spawnSync("unshare", ["-m", "true"]).status === 0;
  it.runIf(canMount)("explains a single file that is a mount point", async () => {
    const { path } = config("mounted", "source");
    const { path: target } = config("below", "config.json");
    const inside = child.run(
      { do: "replace", target, expectedHash: readTextFile(path).hash, data: "new" },
      { mountedOver: [path, target] },
    );
    expect(inside.code).toBe("WRITE_FAILED");
    expect(inside.hint).toContain("mount its directory instead");
    expect([path, target].map((name) => readFileSync(name, "utf8"))).toEqual(["mounted", "below"]);
    expect(names(directory())).toEqual(["config.json", "source"]);
  });
});
