/**
 * Runs every command that the documents show, and compares what it prints. After a change of output:
 * `npx vitest run test/docs --update`, and look at the difference.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { documents } from "./documents.ts";
import { type Fence, fencesOf, withContents } from "./fences.ts";
import { areSameOutputs, PATIENCE, parseSession, printSession, runSession } from "./session.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const SHELLS = ["bash", "shell", "sh", "zsh"];
/** The note of a block that is run as it stands, and changes nothing. */
const IN_CHECKOUT = "in-checkout";
// The sessions are those of a POSIX shell.
const hasShell = process.platform !== "win32";
if (!hasShell) process.stderr.write("SKIPPED: the sessions of the documents need a POSIX shell\n");

// What some sessions use, and not every machine has.
const missing = ["curl", "openssl"].filter(
  (name) => hasShell && spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
);
if (missing.length > 0)
  process.stderr.write(`SKIPPED: the sessions that need ${missing.join(" and ")}\n`);

// Scripts, units and manifests are for Linux, and so are the pages that use them.
const LINUX = /\/proc\/|\b(?:packages\/cli|deploy)\//;

describe.each(documents)("$name", ({ path }) => {
  const markdown = readFileSync(path, "utf8");
  const fences = fencesOf(markdown);
  const sessions = fences
    .filter(({ language }) => language === "console")
    .map((fence) => ({ fence, steps: parseSession(fence.content) }));

  it("finds every block", () => {
    expect(markdown.match(/^\s*(?:```|~~~)/gm) ?? []).toHaveLength(fences.length * 2);
  });

  it("shows a command in every session", () => {
    for (const { fence, steps } of sessions)
      expect(steps, `line ${fence.line}`).not.toHaveLength(0);
  });

  const blocks = fences.filter(isShell);
  const own = blocks.filter(({ note }) => note === IN_CHECKOUT);

  it("says of every other shell block why it is not run", () => {
    for (const { language, note, line } of blocks.filter((block) => !own.includes(block))) {
      expect(note, `line ${line}: ${language}`).toMatch(/^not-run: \S.{10,}/);
    }
  });

  if (own.length > 0)
    it.runIf(hasShell)("has commands for a checkout that succeed in this one", () => {
      for (const { content, line } of own) {
        const { status, stderr } = spawnSync("sh", ["-euc", content], {
          cwd: ROOT,
          encoding: "utf8",
        });
        expect({ status, stderr }, `line ${line}`).toEqual({ status: 0, stderr: "" });
      }
    });

  if (sessions.length === 0) return;
  const commands = sessions.flatMap(({ fence, steps }) => [
    ...fence.rehearsal,
    ...steps.map(({ command }) => command),
  ]);
  const canRun =
    !missing.some((name) => commands.some((command) => command.includes(`${name} `))) &&
    (process.platform === "linux" || !commands.some((command) => LINUX.test(command)));
  it.runIf(hasShell && canRun)("prints what it shows", { timeout: PATIENCE + 10_000 }, async () => {
    const ended = await runSession(commands);
    const contents = new Map<Fence, string>();
    const printed: string[] = [];
    for (const { fence, steps } of sessions) {
      for (const command of fence.rehearsal)
        expect(ended.shift(), command).toMatchObject({ status: 0 });
      const now = steps.map(({ command }) => ({ command, output: ended.shift()?.output ?? "" }));
      printed.push(...now.map(({ output }) => output));
      contents.set(fence, printSession(now));
    }
    const shown = sessions.flatMap(({ steps }) => steps.map(({ output }) => output));
    // Keys, tokens and times are others in each run. What a page shows is all of one run.
    const text = areSameOutputs(shown, printed) ? markdown : withContents(markdown, contents);
    await expect(text).toMatchFileSnapshot(path);
  });
});

function isShell({ language }: Fence): boolean {
  return SHELLS.includes(language);
}
