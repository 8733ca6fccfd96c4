import type { StatusField } from "../file-status.ts";

const DAY = 24 * 60 * 60_000;

/** The JSON of a field. Keys that say nothing about a field are left out. */
export function fieldJson(field: StatusField): object {
  const { location, line, column, state, claimedAt, opened, problem } = field;
  return {
    location,
    line,
    column,
    state,
    ...(claimedAt === undefined ? {} : { sealedAt: claimedAt.toISOString() }),
    ...(opened === undefined ? {} : { opens: true, keyId: opened.keyId ?? null }),
    ...(problem === undefined
      ? {}
      : { opens: false, problem: { code: problem.code, message: problem.message } }),
  };
}

/** As `fieldJson`, with the age in whole days. */
export function agedFieldJson(field: StatusField, now: Date): object {
  const { claimedAt } = field;
  const age = claimedAt && { ageDays: Math.floor((now.getTime() - claimedAt.getTime()) / DAY) };
  return { ...fieldJson(field), ...age };
}
