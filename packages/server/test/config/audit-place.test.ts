import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check, configWith, KEY, problemsOf, runServer, SECRET } from "../run-server.ts";
import { scratch } from "../scratch.ts";

interface Files {
  readonly directory: string;
  readonly config: string;
  readonly key: string;
}

const PLAIN = { TOKEN: SECRET };

function lay(file: string, logFile: string | null = null): Files {
  const directory = scratch();
  const [config, key] = [join(directory, "config.json"), join(directory, "key")];
  const sections = { audit: { file }, logging: { file: logFile } };
  writeFileSync(config, JSON.stringify(configWith("${TOKEN}", sections), null, 2), { mode: 0o600 });
  writeFileSync(key, `${KEY}\n`, { mode: 0o600 });
  return { directory, config, key };
}

describe("audit.file", () => {
  test("wants a master key", () => {
    const { config } = lay("audit.log");
    const { status, stderr } = runServer([config], { env: PLAIN });
    expect(stderr).toMatch(
      /^error\[KEY_MISSING\]: .*config\.json:\d+:\d+ \/audit\/file: audit\.file wants a master key.* Way out: make a key with /,
    );
    expect(status).toBe(3);
    const report = check(config, { env: PLAIN });
    expect(problemsOf(report)).toEqual([
      expect.stringMatching(/^key: KEY_MISSING .* \/audit\/file$/),
    ]);
  });

  const refused: readonly (readonly [string, string, string, (files: Files) => unknown])[] = [
    ["the config", "config.json", "SCHEMA", () => {}],
    ["the key file", "key", "SCHEMA", () => {}],
    ["the log file", "server.log", "SCHEMA", () => {}],
    [
      "a hard link to the key file",
      "a",
      "SCHEMA",
      ({ directory, key }) => linkSync(key, join(directory, "a")),
    ],
    [
      "a symbolic link",
      "a",
      "FILE_NOT_REGULAR",
      ({ directory }) => symlinkSync("b", join(directory, "a")),
    ],
    ["a directory", ".", "FILE_NOT_REGULAR", () => {}],
    ["a device", "/dev/null", "FILE_NOT_REGULAR", () => {}],
    [
      "a pipe",
      "a",
      "FILE_NOT_REGULAR",
      ({ directory }) => spawnSync("mkfifo", [join(directory, "a")]),
    ],
    [
      "writable for all",
      "a",
      "FILE_NOT_REGULAR",
      ({ directory }) => {
        writeFileSync(join(directory, "a"), "");
        chmodSync(join(directory, "a"), 0o666);
      },
    ],
    [
      "another log",
      "a",
      "FILE_NOT_REGULAR",
      ({ directory }) => writeFileSync(join(directory, "a"), '{"time":1}\n', { mode: 0o600 }),
    ],
    ["in no directory", "none/a", "FILE_NOT_FOUND", () => {}],
  ];

  test.each(refused)("that is %s is refused where it is named", (_, file, code, prepare) => {
    const files = lay(file, "server.log");
    prepare(files);
    const { config, key } = files;
    const { status, stderr } = runServer(["--key-file", key, config], { env: PLAIN });
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*/audit/file.* Way out: `));
    expect(status).toBe(5);
    const report = check(config, { env: PLAIN, args: ["--key-file", key] });
    expect(problemsOf(report)).toEqual([
      expect.stringMatching(`^schema: ${code} \\d+:\\d+ /audit/file$`),
    ]);
  });

  test("is found beside the config, wherever the server was started; a check does not make it", () => {
    const { directory, config, key } = lay("logs/audit.log");
    mkdirSync(join(directory, "logs"));
    const file = join(directory, "logs/audit.log");
    expect(check(config, { env: PLAIN, args: ["--key-file", key] }).ok).toBe(true);
    expect(existsSync(file)).toBe(false);
    for (const lines of [2, 4]) {
      expect(runServer(["--key-file", key, config], { env: PLAIN }).status).toBe(0);
      expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(lines);
    }
    expect(check(config, { env: PLAIN, args: ["--key-file", key] }).ok).toBe(true);
  });
});
