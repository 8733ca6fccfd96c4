/** What every sink must do where its store does not. */
import { expect } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY } from "../material.ts";
import { opened, SECRETS, succeeds } from "../rotation/deployment.ts";
import { environmentOf, flagsOf, runSink, type SinkScript, storedAt } from "./store.ts";
import type { StoreFault, Stub } from "./stub.ts";

/** A missing secret gives nothing, and must not replace what is there. */
export function storesNothing(cli: Cli, sink: SinkScript, stub: Stub): void {
  expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
  const before = stub.read("calls");
  for (const text of ["", "\n", " \n \n", "# nothing\r\n \t# at all"]) {
    const { status, stderr } = runSink(cli, sink, text);
    expect(stderr).toMatch(/^no key text came: the \w+ stays as it is\n$/);
    expect(status).toBe(1);
  }
  expect(stub.read("calls")).toBe(before);
}

/** A store that fails or lies is found before a config changes, and the next run uses the same key. */
export async function refusesFaults(cli: Cli, sink: SinkScript, stub: Stub): Promise<void> {
  const argv = ["rotate-key-all", ".", ...flagsOf(sink)];
  const env = environmentOf(sink);
  expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
  const ids = new Set<string>();
  for (const fault of ["fails", "lies", "cuts"] satisfies readonly StoreFault[]) {
    stub.fail(fault);
    const { status, stderr } = await cli.run(argv, { env });
    expect(stderr, fault).toMatch(/^error\[SINK_FAILED\].*pending key is kept/);
    expect(status).toBe(8);
    ids.add(/the new key (\w+) waits/.exec(stderr)?.[1] ?? "");
    expect(await opened(cli, KEY)).toMatchObject({ secrets: SECRETS });
  }
  stub.fail("");
  const { stderr } = await succeeds(cli, argv, env);
  expect([...ids]).toEqual([/to key (\w+):/.exec(stderr)?.[1]]);
  const [fresh = ""] = storedAt(cli, sink);
  stub.expectUnseen([KEY, fresh]);
}
