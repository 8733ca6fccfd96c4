import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { check, configWith, KEY, problemsOf, runServer, SECRET } from "../run-server.ts";
import { scratch } from "../scratch.ts";

interface Files {
  readonly directory: string;
  readonly config: string;
  readonly key: string;
}

const PLAIN = { TOKEN: SECRET };

/** Lays out a config that logs to a file of this name, its key and its CA. */
function lay(file: string): Files {
  const directory = scratch();
  const [config, key] = [join(directory, "config.json"), join(directory, "key")];
  const [ca] = rootCertificates;
  writeFileSync(join(directory, "ca.pem"), `${ca}\n`);
  writeFileSync(key, `${KEY}\n`, { mode: 0o600 });
  const proxmox = { host: "127.0.0.1", port: 1, ca_file: "ca.pem" };
  const content = { ...configWith("${TOKEN}"), proxmox, logging: { file } };
  writeFileSync(config, JSON.stringify(content, null, 2), { mode: 0o600 });
  return { directory, config, key };
}

describe("logging.file", () => {
  const refused: readonly (readonly [string, string, string, (files: Files) => unknown])[] = [
    ["the config", "config.json", "SCHEMA", () => {}],
    ["the key file", "key", "SCHEMA", () => {}],
    ["the CA file", "ca.pem", "SCHEMA", () => {}],
    [
      "a hard link to the key file",
      "server.log",
      "SCHEMA",
      ({ directory, key }) => linkSync(key, join(directory, "server.log")),
    ],
    [
      "a symbolic link to the config",
      "server.log",
      "SCHEMA",
      ({ directory }) => symlinkSync("config.json", join(directory, "server.log")),
    ],
    ["a directory", ".", "FILE_NOT_REGULAR", () => {}],
    [
      "a pipe",
      "server.log",
      "FILE_NOT_REGULAR",
      ({ directory }) => spawnSync("mkfifo", [join(directory, "server.log")]),
    ],
  ];

  test.each(refused)("that is %s is refused, and nothing is written", (_, file, code, prepare) => {
    const files = lay(file);
    prepare(files);
    const { directory, config, key } = files;
    const inputs = [config, key, join(directory, "ca.pem")];
    const contents = () => inputs.map((path) => readFileSync(path, "utf8"));
    const before = contents();
    const { status, stderr } = runServer(["--key-file", key, config], { env: PLAIN });
    expect(contents()).toEqual(before);
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .* Way out: name a file of its own`));
    expect(status).toBe(5);
    const report = check(config, { env: PLAIN, args: ["--key-file", key] });
    expect(problemsOf(report)).toEqual([
      expect.stringMatching(`^schema: ${code} \\d+:13 /logging/file$`),
    ]);
  });

  test("is refused where it is a key file that another key only stands before", () => {
    const { config, key } = lay("key");
    const other = join(scratch(), "other.key");
    writeFileSync(other, KEY, { mode: 0o600 });
    const env = { ...PLAIN, PROXMOX_MCP_MASTER_KEY_FILE: key };
    const report = check(config, { env, args: ["--key-file", other] });
    expect(problemsOf(report)).toEqual([expect.stringContaining("SCHEMA")]);
  });

  test("is found beside the config, wherever the server was started", () => {
    const { directory, config } = lay("logs/server.log");
    mkdirSync(join(directory, "logs"));
    expect(runServer([config], { env: PLAIN }).status).toBe(0);
    expect(readFileSync(join(directory, "logs/server.log"), "utf8")).toContain("the server ends");
  });
});
