/** A transport that can stop taking requests and say when all that it took are answered. */
import { PassThrough, type Readable, type Writable } from "node:stream";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** The pipes of one client. */
export interface DrainingTransport extends Transport {
  /** Settles once the client sends no more. It may still read answers. */
  readonly ended: Promise<void>;
  /** Takes no further message, and settles once every request that was taken has its answer. */
  drain(): Promise<void>;
}

/** Serves a client over two streams. A client that no longer reads ends it without a word. */
export function createDrainingTransport(input: Readable, output: Writable): DrainingTransport {
  // The end of the input must not reach the SDK, which gives up all calls then.
  const messages = new PassThrough();
  const wire = new StdioServerTransport(messages, output);
  const unanswered = new Set<string | number>();
  let isClosed = false;
  let drained: (() => void) | undefined;

  const settle = (id: unknown): void => {
    unanswered.delete(id as string | number);
    if (unanswered.size === 0) drained?.();
  };
  const took = (message: JSONRPCMessage): void => {
    if (!("method" in message)) return;
    // A subscription is answered when it ends.
    if ("id" in message && message.method !== "subscriptions/listen") unanswered.add(message.id);
    if (message.method === "notifications/cancelled") settle(message.params?.["requestId"]);
  };
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) input.once(event, () => resolve());
  });

  const transport: DrainingTransport = {
    ended,
    async start() {
      wire.onmessage = (message) => {
        took(message);
        transport.onmessage?.(message);
      };
      wire.onclose = () => {
        isClosed = true;
        input.unpipe(messages);
        unanswered.clear();
        drained?.();
        transport.onclose?.();
      };
      wire.onerror = (error) => {
        if (!isHangUp(error)) transport.onerror?.(error);
      };
      await wire.start();
      input.pipe(messages, { end: false });
    },
    async send(message) {
      try {
        if (!isClosed) await wire.send(message);
      } catch (error) {
        if (!isHangUp(error)) throw error;
      } finally {
        if (!("method" in message)) settle(message.id);
      }
    },
    close: () => wire.close(),
    async drain() {
      input.unpipe(messages);
      input.pause();
      // What was read is handed on within this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (unanswered.size === 0 || isClosed) return;
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    },
  };
  return transport;
}

function isHangUp(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EPIPE";
}
