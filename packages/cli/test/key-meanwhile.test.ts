/** A key that was replaced while `set` waited for its value must seal nothing any more. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { BINARY, cleanEnvironment } from "./cli.ts";
import { CONFIG, deployment, SERVERS, succeeds } from "./rotation/deployment.ts";

test("set that waits for its value while the key is rotated and retired changes nothing", async () => {
  const cli = deployment();
  cli.write("one/plain.json", '{"auth": {"token_value": "an example"}}');
  const waiting = spawn(
    process.execPath,
    [BINARY, "set", "one/plain.json", "/auth/token_value", "--debug"],
    { cwd: cli.directory, env: cleanEnvironment(cli.home), stdio: ["pipe", "ignore", "pipe"] },
  );
  const said = text(waiting.stderr);
  const ended = once(waiting, "close");
  // By then it has read its key.
  await once(waiting.stderr, "data");
  await succeeds(cli, ["rotate-key", CONFIG, SERVERS]);
  await succeeds(cli, ["retire-key", "one", "--delete-backups"]);
  const before = cli.read("one/plain.json");
  waiting.stdin.end("another example");
  const [status] = await ended;
  expect(status).toBe(8);
  expect(await said).toContain("has another active key by now; nothing was written");
  expect(cli.read("one/plain.json")).toBe(before);
});
