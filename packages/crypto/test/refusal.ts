/** What a refusal looks like to a caller. */
import { expect } from "vitest";
import { type ErrorCode, ProxmoxMcpError } from "../src/errors.ts";

/** Runs what must be refused. @returns the error, whose code is the expected one. */
export async function refusal(code: ErrorCode, run: () => unknown): Promise<ProxmoxMcpError> {
  const error = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!(error instanceof ProxmoxMcpError)) {
    throw new Error(`expected ${code}, got ${error === undefined ? "no error" : String(error)}`, {
      cause: error,
    });
  }
  expect(error.code).toBe(code);
  return error;
}
