import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseKeyText, parseMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import type { Destination } from "../../src/rotation/destination.ts";
import {
  chooseNewKey,
  findPreparedKey,
  findWaitingKey,
  type NewKey,
} from "../../src/rotation/new-key.ts";
import type { Survey } from "../../src/rotation/survey.ts";
import { createCli } from "../cli.ts";
import { OTHER_KEY as NEXT, KEY as OLD } from "../material.ts";

const OTHER = Buffer.alloc(32, 0xb7).toString("base64url").concat("=");
// 32 bytes that are all printable: a pass phrase that happened to decode.
const WEAK = Buffer.from("correct-horse-battery-staple-32b").toString("base64url").concat("=");
const SHORT = Buffer.from("short-key").toString("base64url");
const FRESH = new Uint8Array(32).fill(0xfe);

const id = (key: string): string | undefined => parseMasterKey(key).id;

/** A survey of files whose tokens open with these keys. */
function surveyed(...keys: readonly string[]): Pick<Survey, "files"> {
  const fields = keys.map((key) => ({ location: "/a", state: "bound" as const, keyId: id(key) }));
  const file = { path: "a", target: "/a", hash: "", fields, plainSecrets: 0, strayLines: [] };
  return { files: keys.length === 0 ? [] : [file] };
}

function choose(waiting: string | undefined, text: string, survey: Pick<Survey, "files">): unknown {
  const key = waiting === undefined ? undefined : parseMasterKey(waiting);
  const chosen: NewKey | undefined = chooseNewKey(key, parseKeyText(text), survey, () => FRESH);
  return chosen && [chosen.origin, chosen.key.reveal()];
}

const fresh = ["fresh", Buffer.from(FRESH).toString("base64url").concat("=")];

describe("chooseNewKey", () => {
  test.each<[string, string | undefined, string, readonly string[], unknown]>([
    ["no token, no key that waits", undefined, OLD, [], undefined],
    ["no token, a key that waits", NEXT, OLD, [], ["waiting", NEXT]],
    ["tokens on the active key", undefined, OLD, [OLD], fresh],
    ["some on the active key, some behind", undefined, `${OLD} ${NEXT}`, [OLD, NEXT], fresh],
    ["all behind the active key", undefined, `${NEXT} ${OLD}`, [OLD, OLD], ["active", NEXT]],
    ["all behind a pass phrase", undefined, `${WEAK} ${OLD}`, [OLD], fresh],
    ["on a pass phrase", undefined, WEAK, [WEAK], fresh],
    ["on a key of an odd length, which has no id", undefined, SHORT, [SHORT], fresh],
    ["a key that waits, whatever the tokens are on", NEXT, OLD, [OTHER], ["waiting", NEXT]],
    ["the named key is the active one", OLD, OLD, [OTHER], ["active", OLD]],
  ])("%s", (_, waiting, text, on, expected) => {
    expect(choose(waiting, text, surveyed(...on))).toEqual(expected);
  });
});

describe("a key that waits", () => {
  function look(
    find: typeof findWaitingKey,
    destination: (path: string) => Destination,
    { text = OLD, file, pending }: { text?: string; file?: string; pending?: string },
  ): string | undefined {
    const cli = createCli();
    const path = cli.path("some.key");
    if (file !== undefined) cli.write(path, `${file}\n`, 0o600);
    const place = { env: { XDG_STATE_HOME: cli.path("state") }, home: cli.home };
    if (pending !== undefined) {
      const directory = join(cli.path("state"), "proxmox-mcp");
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const { successor } = parseKeyText(pending);
      cli.write(join(directory, `pending-${successor?.id}`), `${pending}\n`, 0o600);
    }
    try {
      return find(place, destination(path), parseKeyText(text))?.reveal();
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message.replace(path, "FILE")}`;
    }
  }

  const given = (path: string): Destination => ({ kind: "given", path });
  const out = (path: string): Destination => ({ kind: "out", path });
  const keyFile = (path: string): Destination => ({ kind: "key-file", path });
  const sink = (): Destination => ({ kind: "sink", sink: { argv: ["x"] }, keyFile: undefined });
  const TAKEN = "KEY_FILE_EXISTS key file FILE exists and was not made for this key";
  const PRESENT = "KEY_FILE_EXISTS key file FILE exists and holds the present key already";

  test.each<
    [string, (path: string) => Destination, Parameters<typeof look>[2], string | undefined]
  >([
    ["--new-key-file: its first key", given, { file: `${NEXT}\n${OLD}` }, NEXT],
    ["… before the successor", given, { file: NEXT, text: `${OLD} next:${OTHER}` }, NEXT],
    ["… that is the active one", given, { file: OLD }, OLD],
    ["… that is weak", given, { file: WEAK }, "KEY_INVALID"],
    ["… that is missing", given, {}, "KEY_UNREADABLE"],
    ["… that is no key", given, { file: "nonsense" }, "KEY_INVALID"],
    ["--new-key-out, not there", out, {}, undefined],
    ["… not there, with a successor", out, { text: `${OLD} next:${NEXT}` }, NEXT],
    ["… not there, after a run with a sink", out, { pending: `${OLD}\nnext:${NEXT}` }, NEXT],
    ["… made by an earlier run", out, { file: `${NEXT}\n${OLD}` }, NEXT],
    [
      "… made for the successor",
      out,
      { text: `${OLD} next:${NEXT}`, file: `${NEXT}\n${OLD}` },
      NEXT,
    ],
    [
      "… another than the successor",
      out,
      { text: `${OLD} next:${NEXT}`, file: `${OTHER}\n${OLD}` },
      TAKEN,
    ],
    ["… with a stranger's key", out, { file: OTHER }, TAKEN],
    ["… with the present key", out, { file: OLD }, PRESENT],
    [
      "… with a prepared key",
      out,
      { file: `${OLD}\nnext:${NEXT}` },
      `${PRESENT}, and a prepared one`,
    ],
    ["a key file with a successor", keyFile, { text: `${OLD} next:${NEXT}` }, NEXT],
    ["a key file without", keyFile, { text: `${OLD} ${NEXT}` }, undefined],
    ["… after a run with a sink", keyFile, { pending: `${OLD}\nnext:${NEXT}` }, NEXT],
    ["a sink, nothing pending", sink, {}, undefined],
    ["… a pending file of this key", sink, { pending: `${OLD}\nnext:${NEXT}` }, NEXT],
    ["… a pending file of another", sink, { pending: `${OTHER}\nnext:${NEXT}` }, undefined],
    [
      "… the key text's own successor first",
      sink,
      { text: `${OLD} next:${OTHER}`, pending: `${OLD}\nnext:${NEXT}` },
      OTHER,
    ],
  ])("%s", (_, destination, place, expected) => {
    const found = look(findWaitingKey, destination, place);
    if (expected === undefined || found === undefined) expect(found).toBe(expected);
    else expect(found.startsWith(expected), found).toBe(true);
  });

  // The file is there, so that no key can be made in it.
  test("that is weak: the way out is another file", () => {
    const cli = createCli();
    const path = cli.path("some.key");
    cli.write(path, `${WEAK}\n`, 0o600);
    const find = () => findWaitingKey({ env: {}, home: cli.home }, given(path), parseKeyText(OLD));
    expect(find).toThrow(
      expect.objectContaining({
        where: { file: path },
        hint: "make another one with `proxmox-mcp-encrypt generate-key -o NEW_KEY_FILE`, and name that file",
      }),
    );
  });

  test.each<[string, Parameters<typeof look>[2], string | undefined]>([
    ["not there", {}, undefined],
    ["made by an earlier run", { file: `${OLD}\nnext:${NEXT}` }, NEXT],
    ["made by a rotation", { file: `${NEXT}\n${OLD}` }, TAKEN],
    ["with the present key alone", { file: OLD }, PRESENT],
    [
      "another than the successor",
      { text: `${OLD} next:${OTHER}`, file: `${OLD}\nnext:${NEXT}` },
      PRESENT,
    ],
  ])("for prepare-key: a --new-key-out file %s", (_, place, expected) => {
    const found = look(findPreparedKey, out, place);
    if (expected === undefined || found === undefined) expect(found).toBe(expected);
    else expect(found.startsWith(expected), found).toBe(true);
  });
});
