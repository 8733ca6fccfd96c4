/** A name for each request: in its answer, and in the log where it failed. */
import { requestId } from "hono/request-id";
import type { Handler } from "./environment.ts";

const MAX_LENGTH = 64;

/**
 * Takes the client's X-Request-Id where it is a word of letters, digits, `_`, `-` and `=`, 64 of them
 * at most, so that it can stand in a log as it is. Otherwise it is a new UUID.
 */
export function requestIds(): Handler {
  return requestId({ limitLength: MAX_LENGTH });
}
