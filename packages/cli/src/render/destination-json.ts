import type { Destination } from "../rotation/destination.ts";

/** Where a new key goes, in JSON. */
export function destinationJson(destination: Destination): object {
  const { kind } = destination;
  switch (kind) {
    case "sink":
      return {
        kind,
        program: destination.sink.argv[0] ?? null,
        file: destination.keyFile ?? null,
      };
    case "keyring":
      return { kind, account: destination.account };
    default:
      return { kind, file: destination.path };
  }
}
