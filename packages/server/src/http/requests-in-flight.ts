/** The requests that are being answered. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Knows every request from its headers until its answer was handed over or its client is gone. */
export interface RequestsInFlight {
  /** The same listener; what it is given is known from then on. */
  watch(listener: RequestListener): RequestListener;
  /** Whether an answer on a connection has begun and is not at its end. */
  isAnswering(socket: Duplex): boolean;
  /** Settles once there is none. */
  idle(): Promise<void>;
  /** From now on answers ask the client to close the connection. */
  closeAfterwards(): void;
}

/** Starts with none. */
export function createRequestsInFlight(): RequestsInFlight {
  const responses = new Set<ServerResponse>();
  let isClosing = false;
  let tellIdle = (): void => {};
  const askToClose = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader("Connection", "close");
  };
  return {
    watch(listener) {
      return (request: IncomingMessage, response: ServerResponse) => {
        responses.add(response);
        response.once("close", () => {
          responses.delete(response);
          // Its headers may have gone out before there was anything to ask for.
          if (isClosing) request.socket.destroySoon();
          if (responses.size === 0) tellIdle();
        });
        if (isClosing) askToClose(response);
        return listener(request, response);
      };
    },
    isAnswering: (socket) =>
      [...responses].some((response) => response.socket === socket && response.headersSent),
    async idle() {
      if (responses.size === 0) return;
      await new Promise<void>((resolve) => {
        tellIdle = resolve;
      });
    },
    closeAfterwards() {
      isClosing = true;
      responses.forEach(askToClose);
    },
  };
}
