/** What is counted while the server runs over HTTP. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import type { CallRecorder } from "../mcp/call-record.ts";

/** Where a request went. A path that is none of ours is `other`, so that clients invent no names. */
export type Route = "mcp" | "livez" | "readyz" | "metrics" | "other";

/** Whose limit it was that a request met. */
export type LimitScope = "address" | "client";

/** What was shown in the place of an API key. */
export type BadCredential = "none" | "wrong";

/** Counts calls of tools, as a recorder of them, and what else happens. None of it ever throws. */
export interface Metrics extends CallRecorder {
  /** Hears of every request once, when its status is known. */
  answered(route: Route, status: number): void;
  /** Hears of a request that came too soon. */
  limited(scope: LimitScope): void;
  /** Hears of a request that was refused for want of an API key. */
  unauthenticated(credential: BadCredential): void;
  /** Hears how a call to the Proxmox host ended. */
  proxmoxCalled(outcome: "ok" | ErrorCode): void;
  /** The media type of the text. */
  readonly contentType: string;
  /** All of it now, in the text format of Prometheus. */
  text(): Promise<string>;
}
