import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findPendingKeys,
  findPromotedPending,
  listPendingKeys,
  lockDirectories,
  makeStateDirectory,
  pendingKeyPath,
  removePendingKey,
  type StatePlace,
  stateDirectory,
  writePendingKey,
} from "../../src/files/index.ts";
import { formatKeyText, type KeyText } from "../../src/key/key-text.ts";
import { MasterKey } from "../../src/key/master-key.ts";
import { exampleKey, keysOf } from "../material.ts";
import { asUser } from "./as-user.ts";
import { canDropRoot, failure, mode, names, useChild, useDirectory } from "./harness.ts";

const directory = useDirectory();
const child = useChild();
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;
const OLD = exampleKey("old");
const NEW = exampleKey("new");
/** Of another length than keys have today, and so without an id. */
const SHORT = new MasterKey(Buffer.from("an example passphrase"));
/** Two keys of one id. Found by looking at as many keys as it took. */
const [ONE, TWIN] = [exampleKey("1908"), exampleKey("7673")];

function place(): StatePlace {
  return { env: {}, home: directory() };
}

function waiting(active: MasterKey, successor: MasterKey, ...retired: MasterKey[]): KeyText {
  return { active, successor, retired };
}

/** Puts a pending file there without the help of the code under test. */
function plant(content: string, key: MasterKey = NEW, bits = 0o600): string {
  const path = pendingKeyPath(place(), key.id ?? "");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content);
  chmodSync(path, bits);
  return path;
}

function planted(keys: KeyText): string {
  return plant(formatKeyText(keys), keys.successor);
}

describe.runIf(posix)("stateDirectory", () => {
  it.each([
    ["by default", {}, "/home/user/.local/state/proxmox-mcp"],
    ["in XDG_STATE_HOME", { XDG_STATE_HOME: "/state" }, "/state/proxmox-mcp"],
    ["not in a relative one", { XDG_STATE_HOME: "state" }, "/home/user/.local/state/proxmox-mcp"],
    ["not in an empty one", { XDG_STATE_HOME: "" }, "/home/user/.local/state/proxmox-mcp"],
  ])("is %s", (_, env, expected) => {
    expect(stateDirectory({ env, home: "/home/user" })).toBe(expected);
    expect(pendingKeyPath({ env, home: "/home/user" }, "0123abcd")).toBe(
      `${expected}/pending-0123abcd`,
    );
  });

  it("is made for its owner alone, with all above it", () => {
    const path = makeStateDirectory(place());
    expect(path).toBe(join(directory(), ".local/state/proxmox-mcp"));
    for (const made of [path, dirname(path), dirname(dirname(path))])
      expect(mode(made)).toBe("700");
  });

  it.each([0o777, 0o755, 0o750])("is not used nor changed where it is open: %o", async (bits) => {
    const path = stateDirectory(place());
    mkdirSync(path, { recursive: true });
    chmodSync(path, bits);
    const error = await failure(() => writePendingKey(place(), waiting(OLD, NEW)));
    expect(error).toMatchObject({ code: "WRITE_FAILED", where: { file: path } });
    expect(error.message).toContain(
      `open to others (mode ${bits.toString(8)}); nothing was changed`,
    );
    expect(error.hint).toContain("XDG_STATE_HOME");
    expect(mode(path)).toBe(bits.toString(8));
    expect(names(path)).toEqual([]);
  });

  it.runIf(root && canDropRoot)("is not used where it is another user's", () => {
    const path = stateDirectory(place());
    mkdirSync(path, { recursive: true });
    const text = formatKeyText(waiting(OLD, NEW));
    const job = { do: "write-pending-key", home: directory(), text } as const;
    const answer = child.run(job, { ordinaryUser: true });
    expect(answer).toMatchObject({ ok: false, code: "WRITE_FAILED" });
    expect(answer.message).toContain("is not our own; nothing was changed");
    expect(mode(path)).toBe("755");
  });

  it("tells what is in its way", async () => {
    writeFileSync(join(directory(), ".local"), "");
    const error = await failure(() => makeStateDirectory(place()));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain("nothing was changed");
  });
});

describe("writePendingKey", () => {
  it("writes the key text into a file that only its owner may read", async () => {
    const keys = waiting(OLD, NEW, exampleKey("retired"));
    const { path, keys: found } = await writePendingKey(place(), keys);
    expect(path).toBe(pendingKeyPath(place(), NEW.id ?? ""));
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(keys));
    expect(formatKeyText(found)).toBe(formatKeyText(keys));
    if (posix) expect(mode(path)).toBe("600");
    expect(names(dirname(path))).toEqual([`pending-${NEW.id}`]);
  });

  it("changes nothing where the same key waits for the same one", async () => {
    const path = planted(waiting(OLD, NEW));
    const inherited = waiting(OLD, NEW, exampleKey("retired since"));
    const found = await writePendingKey(place(), inherited);
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(waiting(OLD, NEW)));
    expect(found.path).toBe(path);
  });

  it("keeps a key whose file is there for another active key", async () => {
    const path = planted(waiting(exampleKey("another"), NEW));
    const error = await failure(() => writePendingKey(place(), waiting(OLD, NEW)));
    expect(error).toMatchObject({ code: "KEY_CONFLICT", where: { file: path } });
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(waiting(exampleKey("another"), NEW)));
  });

  it("waits for an active key that has no id", async () => {
    await writePendingKey(place(), waiting(SHORT, NEW));
    expect(SHORT.id).toBeUndefined();
    expect(findPendingKeys(place(), SHORT)?.keys.successor.equals(NEW)).toBe(true);
  });

  it("wants a successor", async () => {
    await expect(writePendingKey(place(), keysOf(OLD))).rejects.toThrow(TypeError);
  });

  it("works under a lock that the caller holds, and under no other one", async () => {
    const state = makeStateDirectory(place());
    const locks = await lockDirectories([state], "rotate-key");
    try {
      const error = await failure(() => writePendingKey(place(), waiting(OLD, NEW)));
      expect(error.code).toBe("LOCKED");
      await writePendingKey(place(), waiting(OLD, NEW), { locks });
    } finally {
      locks.release();
    }
    expect(names(state)).toEqual([`pending-${NEW.id}`]);
  });
});

describe("findPendingKeys", () => {
  it("finds the key that waits to succeed the active one", async () => {
    expect(findPendingKeys(place(), OLD)).toBeUndefined();
    const { path } = await writePendingKey(place(), waiting(OLD, NEW));
    planted(waiting(exampleKey("another"), exampleKey("its successor")));
    writeFileSync(join(dirname(path), "notes"), "not ours");
    writeFileSync(join(dirname(path), `pending-${NEW.id}.bak`), "not ours");
    const found = findPendingKeys(place(), OLD);
    expect(found?.path).toBe(path);
    expect(found?.keys.active.equals(OLD) && found.keys.successor.equals(NEW)).toBe(true);
    expect(findPendingKeys(place(), NEW)).toBeUndefined();
  });

  it("names all where several wait", async () => {
    const paths = [NEW, exampleKey("newer")].map((key) => planted(waiting(OLD, key)));
    const error = await failure(() => findPendingKeys(place(), OLD));
    expect(error.code).toBe("KEY_CONFLICT");
    for (const path of paths) expect(error.message).toContain(path);
  });

  const text = formatKeyText(waiting(OLD, NEW));
  it.each([
    ["is empty", "", "KEY_EMPTY", "holds no key"],
    ["is cut off", text.slice(0, -20), "KEY_INVALID", "is damaged: the master key"],
    ["holds no successor", formatKeyText(keysOf(OLD, NEW)), "KEY_INVALID", "named for"],
    [
      "holds another successor",
      formatKeyText(waiting(OLD, exampleKey("x"))),
      "KEY_INVALID",
      "named for",
    ],
    ["holds a key twice", text + text, "KEY_DUPLICATE", "is damaged: the key text"],
    ["is not text", "\0", "KEY_UNREADABLE", "is not text"],
  ])("never passes over a file that %s", async (_, content, code, words) => {
    const path = plant(content);
    for (const work of [
      () => findPendingKeys(place(), exampleKey("of no concern")),
      () => findPromotedPending(place(), keysOf(NEW)),
      () => writePendingKey(place(), waiting(OLD, NEW)),
    ]) {
      const error = await failure(work);
      expect(error).toMatchObject({ code, where: { file: path } });
      expect(error.message).toContain(words);
      expect(error.message).toContain(path);
    }
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it.runIf(posix).each([0o640, 0o644, 0o620])("refuses a file of mode %o", async (bits) => {
    const path = plant(text, NEW, bits);
    const error = await failure(() => findPendingKeys(place(), OLD));
    expect(error).toMatchObject({ code: "KEY_UNREADABLE", where: { file: path } });
    expect(error.message).toContain("a pending key is not safe");
  });

  it.runIf(posix)("refuses a link, even one to a good file", async () => {
    const path = plant(text);
    renameSync(path, join(directory(), "elsewhere"));
    symlinkSync(join(directory(), "elsewhere"), path);
    const error = await failure(() => findPendingKeys(place(), OLD));
    expect(error.code).toBe("KEY_UNREADABLE");
    expect(error.message).toContain("is not ours: it is a symbolic link");
  });

  it("refuses a directory in the place of a file", async () => {
    const path = plant(text);
    rmSync(path);
    mkdirSync(path, { mode: 0o700 });
    const error = await failure(() => findPendingKeys(place(), OLD));
    expect(error).toMatchObject({ code: "KEY_UNREADABLE", where: { file: path } });
  });

  it.runIf(posix)("refuses a directory in which others may write", async () => {
    const path = plant(text);
    chmodSync(dirname(path), 0o770);
    for (const work of [
      () => findPendingKeys(place(), OLD),
      () => findPromotedPending(place(), keysOf(NEW)),
    ]) {
      const error = await failure(work);
      expect(error.code).toBe("KEY_UNREADABLE");
      expect(error.message).toContain(`others may write in ${dirname(path)}`);
    }
  });

  it("tells a state directory that is none", async () => {
    mkdirSync(join(directory(), ".local", "state"), { recursive: true });
    writeFileSync(join(directory(), ".local", "state", "proxmox-mcp"), "", { mode: 0o600 });
    const error = await failure(() => findPendingKeys(place(), OLD));
    expect(error.code).toBe("KEY_UNREADABLE");
    expect(error.message).toContain("cannot see whether a new key waits");
  });

  it.runIf(root)("reads another user's file as root, for the home that it was told", () => {
    const path = plant(text);
    chownSync(path, 65534, 65534);
    expect(findPendingKeys(place(), OLD)?.path).toBe(path);
  });
});

describe("listPendingKeys", () => {
  it.runIf(posix)("gives what can be read, and passes over the rest without a second error", () => {
    const good = planted(waiting(OLD, NEW));
    plant("no key at all\n", exampleKey("third"));
    plant(formatKeyText(waiting(OLD, exampleKey("fourth"))), exampleKey("fourth"), 0o644);
    expect(listPendingKeys(place()).map(({ path }) => path)).toEqual([good]);
  });

  it("gives none where there is no directory", () => {
    expect(listPendingKeys(place())).toEqual([]);
  });

  it.runIf(posix)("gives none of a directory in which others may write", () => {
    chmodSync(dirname(planted(waiting(OLD, NEW))), 0o770);
    expect(listPendingKeys(place())).toEqual([]);
  });
});

describe("a pending key that was promoted", () => {
  it("is found by the source that holds it first, and removed", async () => {
    const { path } = await writePendingKey(place(), waiting(OLD, NEW));
    expect(findPromotedPending(place(), waiting(OLD, NEW))).toBeUndefined();
    expect(findPromotedPending(place(), keysOf(OLD, NEW))).toBeUndefined();
    const found = findPromotedPending(place(), keysOf(NEW, OLD));
    expect(found?.path).toBe(path);
    removePendingKey(found ?? { path: "" });
    expect(names(dirname(path))).toEqual([]);
    expect(findPromotedPending(place(), keysOf(NEW, OLD))).toBeUndefined();
    removePendingKey({ path });
  });

  it("is not looked for by a key without an id", () => {
    // Whoever looked would refuse this directory.
    chmodSync(dirname(planted(waiting(OLD, NEW))), 0o770);
    expect(findPromotedPending(place(), keysOf(SHORT))).toBeUndefined();
  });

  it("is not taken for another one that has its id by chance", async () => {
    expect(ONE.id).toBe(TWIN.id);
    const path = planted(waiting(OLD, ONE));
    expect(findPromotedPending(place(), keysOf(ONE))?.path).toBe(path);
    expect(findPromotedPending(place(), keysOf(TWIN))).toBeUndefined();
    const error = await failure(() => writePendingKey(place(), waiting(OLD, TWIN)));
    expect(error).toMatchObject({
      code: "KEY_CONFLICT",
      message: `the pending file ${path} holds other keys than this run needs`,
      where: { file: path },
    });
    expect(readFileSync(path, "utf8")).toBe(formatKeyText(waiting(OLD, ONE)));
  });

  it("is told where it cannot be removed", async () => {
    mkdirSync(join(directory(), "pending"));
    const error = await failure(() => removePendingKey({ path: join(directory(), "pending") }));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain(`cannot remove ${join(directory(), "pending")}`);
  });
});

describe.runIf(root)("the pending file of another user", () => {
  it("is not followed by an ordinary user, who is told whose it is", async () => {
    const path = planted(waiting(OLD, NEW));
    chmodSync(directory(), 0o755);
    chmodSync(path, 0o644);
    for (let at = dirname(path); at !== directory(); at = dirname(at)) chownSync(at, 1234, 1234);
    chownSync(path, 65534, 65534);
    const error = await asUser(1234, 1234, () =>
      failure(() => findPromotedPending(place(), { ...waiting(NEW, OLD), successor: undefined })),
    );
    expect(error).toMatchObject({ code: "KEY_UNREADABLE", where: { file: path } });
    expect(error.message).toContain(`${path} is not ours: it belongs to user 65534`);
  });
});
