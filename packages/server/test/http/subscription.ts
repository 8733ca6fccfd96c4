/** A client's subscription to changes of the tool list, over HTTP. */
import { expect } from "vitest";
import type { HttpServer } from "./http-session.ts";

export interface Subscription {
  /** Everything it gets until it ends. */
  text(): Promise<string>;
  /** Settles once it got a text. */
  until(text: string): Promise<void>;
  cancel(): Promise<void>;
}

/** Opens a subscription, and waits until the server has taken it. */
export async function subscribe(server: HttpServer, key?: string): Promise<Subscription> {
  const version = "2026-07-28";
  const answer = await server.rpc(
    "subscriptions/listen",
    {
      notifications: { toolsListChanged: true },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
    {
      headers: { "mcp-protocol-version": version, "mcp-method": "subscriptions/listen" },
      ...(key === undefined ? {} : { key }),
    },
  );
  if (answer.body === null) throw new Error(`there is no stream: ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? "";
  expect(text).toContain("acknowledged");
  return {
    cancel: () => reader.cancel(),
    async until(wanted) {
      while (!text.includes(wanted)) {
        const { done, value = "" } = await reader.read();
        if (done) throw new Error(`the subscription ended without ${wanted}`);
        text += value;
      }
    },
    async text() {
      for (;;) {
        const { done, value = "" } = await reader.read();
        if (done) return text;
        text += value;
      }
    },
  };
}
