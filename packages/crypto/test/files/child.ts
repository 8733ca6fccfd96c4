/** A second process for the tests: does one job, says how it went. */
import { once } from "node:events";
import { ProxmoxMcpError } from "../../src/errors.ts";
import {
  createFile,
  createKeyFile,
  findConfigFiles,
  readTextFile,
  replaceFile,
} from "../../src/files/index.ts";
import { readKeyFile } from "../../src/files/key-file.ts";
import { withLocks } from "../../src/files/lock.ts";
import type { Answer, Job } from "./harness.ts";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function pause(): Promise<void> {
  say("paused");
  process.stdin.resume();
  await once(process.stdin, "end");
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
    case "read":
      return readTextFile(job.path).text;
    case "find":
      return await findConfigFiles(job.directory);
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
