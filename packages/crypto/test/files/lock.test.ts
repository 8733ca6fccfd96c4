import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { lockedError } from "../../src/files/holder.ts";
import { lockDirectories } from "../../src/files/lock.ts";
import { asUser, sayWhatNeedsRoot } from "./as-user.ts";
import { canDropRoot, failure, type Job, mode, names, useChild, useDirectory } from "./harness.ts";
import { withLocks } from "./with-locks.ts";

const directory = useDirectory();
const child = useChild();
const root = process.getuid?.() === 0;
const linux = process.platform === "linux";
const posix = process.platform !== "win32";
const LOCK = ".proxmox-mcp.lock";

sayWhatNeedsRoot("lock files of another user");

/** A search path without a `flock` command. */
const withoutFlock = { path: "/nowhere" };

function hold(operation = "rotate-key", around = {}) {
  return child.start({ do: "hold", directories: [directory()], operation }, around);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const nothing = async (): Promise<void> => {};

describe("withLocks", () => {
  it("gives back what the work gives, and leaves no lock file", async () => {
    const seen = await withLocks([directory()], "set", async () => names(directory()));
    expect(seen).toEqual([LOCK]);
    expect(names(directory())).toEqual([]);
  });

  it.runIf(linux)("tells in the lock file, to its owner alone, who holds it", async () => {
    await withLocks([directory()], "set", async () => {
      expect(mode(join(directory(), LOCK))).toBe("600");
      const note = readFileSync(join(directory(), LOCK), "utf8");
      expect(note).toContain(`pid ${process.pid}\noperation set\nhost ${hostname()}\nsince 2`);
    });
  });

  it("lets go when the work fails, and hands its error on", async () => {
    const reason = new RangeError("no");
    await expect(withLocks([directory()], "set", () => Promise.reject(reason))).rejects.toBe(
      reason,
    );
    expect(names(directory())).toEqual([]);
    await withLocks([directory()], "set", nothing);
  });

  it("names the holder to others, without waiting", async () => {
    const holder = await hold();
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error).toMatchObject({ code: "LOCKED", where: { file: join(directory(), LOCK) } });
    expect(error.message).toMatch(
      new RegExp(
        `is locked by rotate-key process ${holder.child.pid} on .* since .*; nothing was changed`,
      ),
    );
    expect(error.hint).toContain("wait until it has ended");
    await holder.goOn();
    await withLocks([directory()], "set", nothing);
    expect(names(directory())).toEqual([]);
  });

  it.runIf(linux)(
    "never says that a held lock may be deleted, whatever its note says",
    async () => {
      const dead = await hold("set");
      const lock = join(directory(), LOCK);
      const note = readFileSync(lock, "utf8");
      await dead.kill();
      const holder = await hold("set");
      writeFileSync(lock, note);
      const error = await failure(() => withLocks([directory()], "set", nothing));
      expect(error.hint).toBe("wait until it has ended, then run the command again");
      await holder.goOn();
    },
  );

  it("keeps out the same process too", async () => {
    await withLocks([directory()], "set", async () => {
      const error = await failure(() => withLocks([directory()], "encrypt", nothing));
      expect(error.code).toBe("LOCKED");
      expect(error.message).toContain(`process ${process.pid}`);
    });
    expect(names(directory())).toEqual([]);
  });

  it("takes all directories or none", async () => {
    const [first, second] = [join(directory(), "a"), join(directory(), "b")];
    mkdirSync(first);
    mkdirSync(second);
    const holder = await child.start({ do: "hold", directories: [second], operation: "set" });
    const error = await failure(() => withLocks([second, first], "encrypt", nothing));
    expect(error.code).toBe("LOCKED");
    expect(names(first)).toEqual([]);
    await holder.goOn();
    const seen = await withLocks([second, first], "encrypt", async () => [
      names(first),
      names(second),
    ]);
    expect(seen).toEqual([[LOCK], [LOCK]]);
  });

  it.runIf(posix)("takes a directory once, by whatever names it is given", async () => {
    const link = join(directory(), "link");
    mkdirSync(join(directory(), "real"));
    symlinkSync("real", link);
    const real = realpathSync(link);
    await withLocks([link, real, `${real}/.`], "set", async () =>
      expect(names(real)).toEqual([LOCK]),
    );
  });

  it("tells a directory that is missing", async () => {
    const absent = join(directory(), "absent");
    const error = await failure(() => withLocks([directory(), absent], "set", nothing));
    expect(error).toMatchObject({
      code: "WRITE_FAILED",
      hint: `create the directory first: mkdir -p ${absent}`,
    });
    expect(error.message).toBe(
      `cannot write in ${absent}: no such file or directory; nothing was changed`,
    );
    expect(names(directory())).toEqual([]);
  });

  it.runIf(linux)("is free again when its holder is killed", async () => {
    const holder = await hold();
    await holder.kill();
    expect(names(directory())).toEqual([LOCK]);
    await withLocks([directory()], "set", async () => {
      expect(readFileSync(join(directory(), LOCK), "utf8")).toContain(
        `pid ${process.pid}\noperation set`,
      );
    });
    expect(names(directory())).toEqual([]);
  });

  it.runIf(posix)("never writes into a file that only bears the lock's name", async () => {
    const victim = join(directory(), "victim");
    writeFileSync(victim, "kept");
    const lock = join(directory(), LOCK);
    for (const plant of [symlinkSync, linkSync]) {
      plant(victim, lock);
      const error = await failure(() => withLocks([directory()], "set", nothing));
      expect(error.code).toBe(linux ? "WRITE_FAILED" : "LOCKED");
      if (linux) expect(error.message).toBe(`${lock} is not a lock file; nothing was changed`);
      expect(readFileSync(victim, "utf8")).toBe("kept");
      rmSync(lock);
    }
  });

  it.runIf(linux && root && canDropRoot)("takes another user's lock file for held", () => {
    writeFileSync(join(directory(), LOCK), "", { mode: 0o600 });
    const job: Job = { do: "hold", directories: [directory()], operation: "set" };
    const answer = child.run(job, { ordinaryUser: true });
    expect(answer.code).toBe("LOCKED");
    expect(answer.message).toContain("is locked by another run");
    expect(answer.hint).toContain(`delete ${join(directory(), LOCK)}`);
  });

  it("leaves a lock file alone that somebody put in the place of its own", async () => {
    const lock = join(directory(), LOCK);
    await withLocks([directory()], "set", async () => {
      rmSync(lock);
      writeFileSync(lock, "another");
    });
    expect(readFileSync(lock, "utf8")).toBe("another");
  });

  it.runIf(linux)("repeats nothing from a lock file but plain words", async () => {
    const holder = await hold("set");
    writeFileSync(
      join(directory(), LOCK),
      "pid 12\x1b[31m\noperation \x07evil\nhost a b\nsince x\n",
    );
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.message).toBe(`${directory()} is locked by another run; nothing was changed`);
    await holder.goOn();
  });
});

describe.runIf(linux && existsSync("/usr/bin/flock"))("withLocks and its flock command", () => {
  /** A search path with a `flock` command of our own, which does something first. */
  function flockThat(first: string): { path: string } {
    const path = join(directory(), "bin");
    mkdirSync(path);
    const script = `#!/bin/sh\ncd "${directory()}"\n${first}\nexec /usr/bin/flock "$@"\n`;
    writeFileSync(join(path, "flock"), script, { mode: 0o755 });
    return { path };
  }

  it("never holds a lock file that its former holder deleted in between", async () => {
    const holder = await hold("set", flockThat(`[ -e once ] || { : > once; rm ${LOCK}; }`));
    expect(names(directory())).toEqual([LOCK, "bin", "once"]);
    expect((await failure(() => withLocks([directory()], "set", nothing))).code).toBe("LOCKED");
    await holder.goOn();
  });

  it("gives up where the lock file never stays", () => {
    const job: Job = { do: "hold", directories: [directory()], operation: "set" };
    expect(child.run(job, flockThat(`rm ${LOCK}`)).code).toBe("LOCKED");
  });

  it("tells a file system without locks from a lock that is held", () => {
    const job: Job = { do: "hold", directories: [directory()], operation: "set" };
    const answer = child.run(job, flockThat("echo 'flock: 3: No locks available' >&2; exit 1"));
    expect(answer.code).toBe("WRITE_FAILED");
    expect(answer.message).toBe(
      `cannot lock ${directory()}: its file system gives no locks; nothing was changed`,
    );
  });

  it("shows it no environment, which may hold a key", async () => {
    const holder = await hold("set", flockThat("cat /proc/$$/environ > seen"));
    expect(readFileSync(join(directory(), "seen"), "utf8")).toBe("LC_ALL=C\0");
    await holder.goOn();
  });
});

describe.runIf(linux)("withLocks without a flock command", () => {
  it("keeps others of its kind out, and lets go", async () => {
    const holder = await hold("encrypt", withoutFlock);
    expect(mode(join(directory(), LOCK))).toBe("400");
    const answer = child.run(
      { do: "hold", directories: [directory()], operation: "set" },
      withoutFlock,
    );
    expect(answer.code).toBe("LOCKED");
    expect(answer.message).toContain(`is locked by encrypt process ${holder.child.pid}`);
    expect(await holder.goOn()).toEqual({ ok: true });
    expect(names(directory())).toEqual([]);
  });

  it("tells in the lock file who holds it, and lets go when the work fails", async () => {
    vi.stubEnv("PATH", withoutFlock.path);
    const reason = new RangeError("no");
    const work = async (): Promise<never> => {
      const note = readFileSync(join(directory(), LOCK), "utf8");
      expect(note).toContain(`pid ${process.pid}\noperation set\nhost ${hostname()}\nsince 2`);
      expect((await failure(() => withLocks([directory()], "encrypt", nothing))).code).toBe(
        "LOCKED",
      );
      throw reason;
    };
    await expect(withLocks([directory()], "set", work)).rejects.toBe(reason);
    expect(names(directory())).toEqual([]);
  });

  it("takes whatever bears the lock's name for a lock", async () => {
    vi.stubEnv("PATH", withoutFlock.path);
    mkdirSync(join(directory(), LOCK));
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.code).toBe("LOCKED");
    expect(error.message).toBe(`${directory()} is locked by another run; nothing was changed`);
  });

  it("tells a directory that takes no files", async () => {
    vi.stubEnv("PATH", withoutFlock.path);
    const error = await failure(() => withLocks(["/proc"], "set", nothing));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("cannot write in /proc");
  });

  it("is seen by those that have one, and sees them", async () => {
    const without = await hold("encrypt", withoutFlock);
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.code).toBe("LOCKED");
    expect(error.message).toContain(`process ${without.child.pid}`);
    await without.goOn();
    await withLocks([directory()], "set", async () => {
      const job: Job = { do: "hold", directories: [directory()], operation: "set" };
      expect(child.run(job, withoutFlock).code).toBe("LOCKED");
    });
    expect(names(directory())).toEqual([]);
  });

  it("never takes over from a dead holder, and says which file to delete", async () => {
    const holder = await hold("encrypt", withoutFlock);
    await holder.kill();
    const job: Job = { do: "hold", directories: [directory()], operation: "set" };
    for (const around of [{}, withoutFlock]) {
      const answer = child.run(job, around);
      expect(answer.code).toBe("LOCKED");
      expect(answer.hint).toBe(
        `that process is gone: if no other run is at work on any machine or in any container, delete ${join(directory(), LOCK)}`,
      );
    }
    const lock = join(directory(), LOCK);
    const note = readFileSync(lock, "utf8").replace(/^host .*$/m, "host elsewhere.example");
    rmSync(lock);
    writeFileSync(lock, note, { mode: 0o400 });
    expect(child.run(job).hint).toBe(
      `wait until it has ended, then run the command again; or if no other run is at work on any machine or in any container, delete ${lock}`,
    );
    rmSync(lock);
    await withLocks([directory()], "set", nothing);
  });
});

describe.runIf(linux && existsSync("/usr/bin/flock"))("a lock file that is there already", () => {
  const lock = () => join(directory(), LOCK);

  it("of a run that was killed is taken over", async () => {
    writeFileSync(lock(), "pid 1\n", { mode: 0o600 });
    await withLocks([directory()], "set", nothing);
    expect(names(directory())).toEqual([]);
  });

  it.each([
    ["a directory", () => mkdirSync(lock())],
    ["a link to nothing", () => symlinkSync("nowhere", lock())],
    [
      "a link to a file",
      () => {
        writeFileSync(join(directory(), "theirs"), "");
        symlinkSync("theirs", lock());
      },
    ],
  ])("as %s is refused and left alone", async (_, make) => {
    make();
    const before = names(directory());
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toMatch(/nothing was changed$/);
    expect(names(directory())).toEqual(before);
  });
});

describe.runIf(linux && root && existsSync("/usr/bin/flock"))(
  "what another user left there",
  () => {
    const lock = () => join(directory(), LOCK);
    const refused = () =>
      asUser(1234, 1234, () => failure(() => lockDirectories([directory()], "set")));

    it.each([
      ["of flock", 0o600, /^its lock file is another user's: .*delete /],
      [
        "that counts by being there",
        0o400,
        /^wait until it has ended.*; or if no other run .*delete /,
      ],
    ])("a lock file %s is a lock, and the way out is told", async (_, bits, hint) => {
      writeFileSync(lock(), `host ${hostname()}\npid ${process.pid}\noperation set\n`);
      chmodSync(lock(), bits);
      const error = await refused();
      expect(error).toMatchObject({ code: "LOCKED", where: { file: lock() } });
      expect(error.message).toBe(`${directory()} is locked by another run; nothing was changed`);
      expect(error.hint).toMatch(hint);
    });

    it("is no lock where it is no file", async () => {
      expect(spawnSync("mkfifo", ["-m", "600", lock()]).status).toBe(0);
      expect(await refused()).toMatchObject({
        code: "WRITE_FAILED",
        message: `cannot write in ${directory()}: permission denied; nothing was changed`,
        hint: `run as a user who may write in ${directory()}`,
      });
    });
  },
);

describe.runIf(linux && existsSync("/usr/bin/flock"))("a flock command on the search path", () => {
  /** Puts one there that does something before the real one, in this very process's search path. */
  function flockThat(first: string): void {
    const bin = join(directory(), "bin");
    mkdirSync(bin);
    const script = `#!/bin/sh\ncd "${directory()}"\n${first}\nexec /usr/bin/flock "$@"\n`;
    writeFileSync(join(bin, "flock"), script, { mode: 0o755 });
    vi.stubEnv("PATH", bin);
  }

  it("that locks a file which was deleted meanwhile is run again, on the new one", async () => {
    flockThat(`echo run >> runs; [ -e once ] || { : > once; /bin/rm ${LOCK}; }`);
    await withLocks([directory()], "set", async () => {
      expect(readFileSync(join(directory(), "runs"), "utf8")).toBe("run\nrun\n");
      expect(readFileSync(join(directory(), LOCK), "utf8")).toContain(`pid ${process.pid}\n`);
    });
    expect(names(directory())).toEqual(["bin", "once", "runs"]);
  });

  it("that the file system refuses: the directory is not locked, and that is said", async () => {
    flockThat("echo 'flock: 3: No locks available' >&2; exit 71");
    expect(await failure(() => lockDirectories([directory()], "set"))).toMatchObject({
      code: "WRITE_FAILED",
      message: `cannot lock ${directory()}: its file system gives no locks; nothing was changed`,
      where: { file: join(directory(), LOCK) },
      hint: "work on a copy on a local disk",
    });
  });
});

describe("locks that are taken early", () => {
  it("stay until they are released, and are released once", async () => {
    const locks = await lockDirectories([directory()], "set");
    expect(locks.directories).toEqual([realpathSync(directory())]);
    expect(names(directory())).toEqual([LOCK]);
    locks.release();
    locks.release();
    expect(names(directory())).toEqual([]);
  });

  it("can be joined by those of other directories", async () => {
    const other = join(directory(), "other");
    mkdirSync(other);
    const locks = await lockDirectories([directory()], "set");
    await locks.add([directory(), other]);
    expect(locks.directories).toEqual([directory(), other].map((path) => realpathSync(path)));
    expect(names(other)).toEqual([LOCK]);
    locks.release();
    expect([...names(directory()), ...names(other)]).toEqual(["other"]);
  });

  it("stay when further ones cannot be had, which are all given back", async () => {
    const [free, taken] = ["free", "taken"].map((name) => join(directory(), name));
    if (free === undefined || taken === undefined) throw new TypeError("two names");
    mkdirSync(free);
    mkdirSync(taken);
    const locks = await lockDirectories([directory()], "set");
    await withLocks([taken], "encrypt", async () => {
      const error = await failure(() => locks.add([free, taken]));
      expect(error.code).toBe("LOCKED");
      expect(names(free)).toEqual([]);
    });
    expect(names(directory())).toContain(LOCK);
    locks.release();
  });

  it("are all given back where one cannot be had", async () => {
    const missing = join(directory(), "zz-missing");
    const error = await failure(() => lockDirectories([directory(), missing], "set"));
    expect(error.code).toBe("WRITE_FAILED");
    expect(names(directory())).toEqual([]);
  });
});

describe.runIf(posix)("what a lock file says", () => {
  const lock = () => join(directory(), LOCK);
  // Ids of processes end long before this one.
  const note = () => `pid 999999999\noperation set\nhost ${hostname()}\n`;

  it("of a process that is gone names the file to delete", () => {
    writeFileSync(lock(), note());
    expect(lockedError(lock(), "file").hint).toMatch(/^that process is gone: .*delete /);
    expect(lockedError(lock(), "flock").hint).toMatch(/^wait until it has ended/);
  });

  it("of another user names the file, too", () => {
    writeFileSync(lock(), note());
    expect(lockedError(lock(), "foreign").hint).toMatch(/another user's.*delete /);
  });
});

describe.runIf(linux)("a search path that is not there", () => {
  it("leaves the lock by creation", async () => {
    vi.stubEnv("PATH", undefined);
    await withLocks([directory()], "set", async () => {
      expect(mode(join(directory(), LOCK))).toBe("400");
    });
    expect(names(directory())).toEqual([]);
  });
});

describe.runIf(linux && existsSync("/usr/bin/flock"))("a directory that another run holds", () => {
  it("is refused, and its holder is named", async () => {
    const holder = await hold("rotate-key");
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.code).toBe("LOCKED");
    expect(error.message).toContain("rotate-key");
    await holder.kill();
  });

  it("by a socket is none that can be locked", async () => {
    const server = createServer().listen(join(directory(), LOCK));
    await once(server, "listening");
    const error = await failure(() => withLocks([directory()], "set", nothing));
    expect(error.code).toBe("WRITE_FAILED");
    server.close();
  });
});
