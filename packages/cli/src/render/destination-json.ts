import type { Destination } from "../rotation/destination.ts";

/** Where a new key goes, in JSON. */
export function destinationJson(destination: Destination): object {
  if (destination.kind !== "sink") return { kind: destination.kind, file: destination.path };
  const { sink, keyFile } = destination;
  return { kind: "sink", program: sink.argv[0] ?? null, file: keyFile ?? null };
}
