import { posix } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ExecPolicy } from "@proxmox-mcp/crypto/config";
import { splitCommand } from "@proxmox-mcp/crypto/internal";
import fc from "fast-check";
import { expect, test } from "vitest";
import { allowedWords } from "../../src/guests/command-policy.ts";

function policy(allow: readonly string[], shell = false): ExecPolicy {
  return { allow, shell, timeout: 30, max_output: 65_536 };
}

/** The words that are sent, or the code of the refusal. */
function outcome(command: string, allowed: ExecPolicy): readonly string[] | string {
  try {
    return allowedWords(command, allowed);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error.code;
    throw error;
  }
}

test.each<[pattern: string, command: string, words: readonly string[] | undefined]>([
  ["uptime", "uptime", ["uptime"]],
  ["uptime", "  uptime  ", ["uptime"]],
  ["uptime", '"uptime"', ["uptime"]],
  ["uptime", "uptime -p", undefined],
  ["uptime", "/usr/bin/uptime", undefined],
  ["uptime", "uptimex", undefined],
  ["uptime", "uptime;reboot", undefined],
  ["uptime", "uptime ;reboot", undefined],
  ["uptime", "uptime\nreboot", undefined],
  ["uptime", "$(uptime)", undefined],
  ["systemctl status *", "systemctl status nginx", ["systemctl", "status", "nginx"]],
  ["systemctl status *", "systemctl status 'a b'", ["systemctl", "status", "a b"]],
  ["systemctl status *", "systemctl status", undefined],
  ["systemctl status *", "systemctl status nginx ssh", undefined],
  ["systemctl status *", "systemctl stop nginx", undefined],
  ["systemctl status *", "'systemctl status' nginx x", undefined],
  [
    "systemctl status *.service",
    "systemctl status a.service",
    ["systemctl", "status", "a.service"],
  ],
  ["systemctl status *.service", "systemctl status a.timer", undefined],
  ["df -h **", "df -h", ["df", "-h"]],
  ["df -h **", "df -h / /var", ["df", "-h", "/", "/var"]],
  ["df -h **", "df", undefined],
  ["cat '/var/log/my app/'*", "cat '/var/log/my app/x'", ["cat", "/var/log/my app/x"]],
  ["ab*ba", "aba", undefined],
  ["ab*ba", "abba", ["abba"]],
  ["*a*b*", "xxaxbx", ["xxaxbx"]],
  ["*a*b*", "xxbxax", undefined],
  ["**", "rm -rf /", ["rm", "-rf", "/"]],
  ["systemctl status *", "systemctl status --host=root@other", undefined],
  ["systemctl status *", "systemctl status '-H x'", undefined],
  ["systemctl status -*", "systemctl status --all", ["systemctl", "status", "--all"]],
  ["journalctl --unit=*", "journalctl --unit=-x", ["journalctl", "--unit=-x"]],
  ["cat /var/log/*", "cat /var/log/apt/term.log", ["cat", "/var/log/apt/term.log"]],
  ["cat /var/log/*", "cat /var/log/..data", ["cat", "/var/log/..data"]],
  ["cat /var/log/*", "cat /var/log/../../etc/shadow", undefined],
  ["cat /var/log/*", "cat /var/log/..", undefined],
  ["cat /var/log*", "cat /var/log/../shadow", undefined],
  ["cat /var/log/.*/x", "cat /var/log/../x", undefined],
  ["cat *", "cat ../x", undefined],
  ["cat *", "cat ..", undefined],
  ["type C:\\logs\\*", "type C:\\logs\\..\\x", undefined],
  ["cat /var/../etc/x", "cat /var/../etc/x", ["cat", "/var/../etc/x"]],
  ["ls **", "ls -l ../x", ["ls", "-l", "../x"]],
  ['echo "*"', "echo *", ["echo", "*"]],
  ['echo "*"', "echo @file", undefined],
  ["echo '*'*", "echo *x", ["echo", "*x"]],
  ["echo '*'*", "echo x", undefined],
  ['"**"', "rm -rf /", undefined],
  ['"**"', "**", ["**"]],
  ['echo "**" x', "echo ** x", ["echo", "**", "x"]],
])("pattern %j and command %j", (pattern, command, words) => {
  expect(outcome(command, policy([pattern]))).toEqual(words ?? "POLICY_DENIED");
});

test("without a shell nothing but white space and quotes has a meaning", () => {
  const words = outcome('echo "$HOME" `id` $(id) ; | && > < * \\ \'a"b\'', policy(["echo **"]));
  expect(words).toEqual([
    "echo",
    "$HOME",
    "`id`",
    "$(id)",
    ";",
    "|",
    "&&",
    ">",
    "<",
    "*",
    "\\",
    'a"b',
  ]);
});

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

const TEXT = fc.string({
  unit: fc.constantFrom("a", "*", "-", "/", "..", "\\", ";", "$"),
  minLength: 1,
  maxLength: 5,
});
const WORD = fc.record({ text: TEXT, isQuoted: fc.boolean() });

test("a command is allowed as a pattern read word by word as a regular expression says", () => {
  fc.assert(
    fc.property(
      fc.array(WORD, { minLength: 1, maxLength: 4 }),
      fc.array(TEXT, { minLength: 1, maxLength: 5 }),
      (pattern, command) => {
        fc.pre(!pattern.slice(0, -1).some(isOpenEnd));
        const isOpen = pattern.slice(-1).some(isOpenEnd);
        const fixed = isOpen ? pattern.slice(0, -1) : pattern;
        const matches =
          (isOpen ? command.length >= fixed.length : command.length === fixed.length) &&
          fixed.every((word, index) => isMatch(word, command[index] ?? ""));
        const text = pattern
          .map((word) => (word.isQuoted ? `"${word.text}"` : word.text))
          .join(" ");
        expect(outcome(command.join(" "), policy([text]))).toEqual(
          matches ? command : "POLICY_DENIED",
        );
      },
    ),
    { numRuns: 5000 },
  );
});

function isOpenEnd({ text, isQuoted }: Word): boolean {
  return text === "**" && !isQuoted;
}

function isMatch({ text, isQuoted }: Word, word: string): boolean {
  if (isQuoted || !text.includes("*")) return text === word;
  if (text.startsWith("*") && word.startsWith("-")) return false;
  if (word.split(/[\\/]/).includes("..")) return false;
  const pieces = text.split("*").map((piece) => piece.replaceAll(/[$\\.]/g, "\\$&"));
  return new RegExp(`^${pieces.join("[^]*")}$`).test(word);
}

test("no wildcard lets an option in, or a path out of its directory", () => {
  const steps = fc.array(fc.constantFrom("..", ".", "a", "", "..."), { maxLength: 6 });
  fc.assert(
    fc.property(steps, fc.string(), (path, rest) => {
      const file = `/var/log/${path.join("/")}`;
      const sent = outcome(`cat ${file}`, policy(["cat /var/log/*"]));
      if (typeof sent !== "string") expect(posix.normalize(file)).toMatch(/^\/var\/log(?:\/|$)/);
      expect(outcome(`ls "-${rest.replaceAll('"', "")}"`, policy(["ls *", "ls *x"]))).toBe(
        rest.includes("\0") ? "USAGE" : "POLICY_DENIED",
      );
    }),
    { numRuns: 2000 },
  );
});

test("whatever is added to an allowed command, no word of the pattern changes", () => {
  const allowed = policy(["systemctl status *", "uptime"]);
  const any = fc.string({ unit: fc.constantFrom(..."aB;|&$()`'\"\\\n\r\t <>*?{}~#!\0") });
  fc.assert(
    fc.property(any, any, (before, after) => {
      for (const command of [`${before}systemctl status x${after}`, `${before}uptime${after}`]) {
        const sent = outcome(command, allowed);
        if (typeof sent === "string") {
          expect(["POLICY_DENIED", "USAGE"]).toContain(sent);
          continue;
        }
        expect(sent).toEqual(splitCommand(command, { name: "", code: "USAGE", wanted: "" }));
        if (sent.length === 1) expect(sent).toEqual(["uptime"]);
        else expect([sent.length, sent[0], sent[1]]).toEqual([3, "systemctl", "status"]);
      }
    }),
    { numRuns: 2000 },
  );
});

test("with a shell only the whole text of a pattern is allowed", () => {
  const allowed = policy(["uptime", "df -h | sort", "systemctl status *"], true);
  expect(outcome("uptime", allowed)).toEqual(["/bin/sh", "-c", "uptime"]);
  expect(outcome("df -h | sort", allowed)).toEqual(["/bin/sh", "-c", "df -h | sort"]);
  const any = fc.string({ unit: fc.constantFrom(..."ab;|&$()`'\"\n *") });
  fc.assert(
    fc.property(any, any, fc.constantFrom(...allowed.allow), (before, after, text) => {
      const command = `${before}${text}${after}`;
      const isSame = allowed.allow.includes(command);
      expect(outcome(command, allowed)).toEqual(
        isSame ? ["/bin/sh", "-c", command] : "POLICY_DENIED",
      );
    }),
  );
  expect(outcome("systemctl status nginx", allowed)).toBe("POLICY_DENIED");
  expect(outcome("anything; at all", policy(["**"], true))).toEqual([
    "/bin/sh",
    "-c",
    "anything; at all",
  ]);
  expect(outcome("anything; at all", policy(["* **", "a **"], true))).toBe("POLICY_DENIED");
});

test.each(["a\0b", "\ud800", "x \udc00"])("%j cannot be sent as it was compared", (command) => {
  for (const shell of [true, false]) {
    expect(outcome(command, policy(["**", command], shell))).toBe("USAGE");
  }
});

test.each(["** a", "a ** b", "'a", "", " "])(
  "pattern %j cannot be read: nothing is allowed",
  (pattern) => {
    expect(outcome("a", policy([pattern, "a"]))).toBe("SCHEMA");
  },
);

test("nothing is allowed by an empty list", () => {
  for (const shell of [true, false]) expect(outcome("a", policy([], shell))).toBe("POLICY_DENIED");
});

test("a word with many wildcards is compared at once", () => {
  const command = `x ${"a".repeat(8000)}`;
  expect(outcome(command, policy([`x ${"*a".repeat(400)}*b`]))).toBe("POLICY_DENIED");
});
