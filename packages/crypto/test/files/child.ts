/** A second process for the tests: does one job, says how it went. */
import { once } from "node:events";
import { ProxmoxMcpError } from "../../src/errors.ts";
import {
  createFile,
  createKeyFile,
  findConfigFiles,
  isWritableKeyFile,
  readTextFile,
  replaceFile,
  writePendingKey,
} from "../../src/files/index.ts";
import { readKeyFile } from "../../src/files/key-file.ts";
import { parseKeyText } from "../../src/key/key-text.ts";
import { commit, recover } from "./commit.ts";
import type { Answer, Job } from "./harness.ts";
import { withLocks } from "./with-locks.ts";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function pause(): Promise<void> {
  say("paused");
  process.stdin.resume();
  await once(process.stdin, "end");
}

/** Waits at an event until it is killed, like a process that the system stops there. */
function stopBefore(number: number | undefined): () => void {
  let events = 0;
  return () => {
    events += 1;
    if (events !== number) return;
    say("paused");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}

async function work(job: Job): Promise<unknown> {
  switch (job.do) {
    case "replace":
      return await replaceFile({ ...job, ...(job.pause ? { verify: pause } : {}) });
    case "create":
      return await createFile({ ...job, ...(job.pause ? { verify: pause } : {}) });
    case "create-key":
      return await createKeyFile(job.path, job.text);
    case "read-key":
      return readKeyFile(job.path);
    case "is-writable-key":
      return isWritableKeyFile(job.path);
    case "write-pending-key":
      return (await writePendingKey({ env: {}, home: job.home }, parseKeyText(job.text))).path;
    case "read":
      return readTextFile(job.path).text;
    case "find":
      return await findConfigFiles(job.directory);
    case "commit":
      return await commit(job.changes, stopBefore(job.stopAt));
    case "recover":
      return await recover(job.directories, job.wish);
    case "hold":
      return await withLocks(job.directories, job.operation, pause);
  }
}

async function answer(job: Job): Promise<Answer> {
  try {
    return { ok: true, value: await work(job) };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    const { code, message, hint } = error;
    return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

say(JSON.stringify(await answer(JSON.parse(process.argv[2] ?? "") as Job)));
