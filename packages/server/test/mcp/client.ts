/** Clients of the SDK. */
import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import type { Era } from "./session.ts";

/** A client that speaks one revision of the protocol, and no other. It is not connected. */
export function clientOf(era: Era, options: ClientOptions = {}): Client {
  const mode = era === "2025-11-25" ? ("legacy" as const) : { pin: era };
  return new Client(
    { name: "test", version: "1.0.0" },
    { ...options, versionNegotiation: { mode } },
  );
}
