/** Requests as they are written: with headers twice, from another address, to another host. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface RawRequest {
  readonly method?: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** Names and values in turn, as they are sent; Host as well. */
  readonly headers: readonly string[];
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends requests over connections from one address of loopback to another. */
export function sender(
  host: string,
  port: number,
  localAddress: string = host,
): (raw: RawRequest) => Promise<RawAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return ({ method = "GET", target, headers, body = "" }) =>
    new Promise((resolve, reject) => {
      const length = body === "" ? [] : ["Content-Length", String(Buffer.byteLength(body))];
      const sent = request(
        {
          agent,
          host,
          port,
          localAddress,
          method,
          path: target,
          headers: [...headers, ...length, "Connection", "keep-alive"],
          setHost: false,
        },
        (answer) => {
          const { statusCode: status = 0, headers: received } = answer;
          text(answer).then((read) => resolve({ status, headers: received, body: read }), reject);
        },
      );
      sent.on("error", reject).end(body);
    });
}
