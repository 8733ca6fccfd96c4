/** Requests to a simulated cluster, byte by byte. */
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import type { Simulator } from "../../src/simulator/simulator.ts";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
}

export interface Response {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request over a connection of its own, whose certificate is verified. */
export function exchange(
  simulator: Simulator,
  { method, path, headers, body }: Request,
): Promise<Response> {
  const { host, port, certificate } = simulator;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, ca: certificate, agent: false, method, path, headers: { ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            reason: answer.statusMessage ?? "",
            headers: answer.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body ?? undefined);
  });
}

const SECRETS: Readonly<Record<string, string>> = {
  "root@pam!mcp": "11111111-1111-1111-1111-111111111111",
  "root@pam!full": "22222222-2222-2222-2222-222222222222",
  "bob@pve!t1": "44444444-4444-4444-4444-444444444444",
  "mcp@pve!example": "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
  "mcp@pve!bare": "66666666-6666-6666-6666-666666666666",
};

/** Calls the API with one of the example tokens. Fields go into a query or a form. */
export async function call(
  simulator: Simulator,
  method: string,
  path: string,
  { as = "root@pam!full", fields = {} }: { as?: string; fields?: Record<string, string> } = {},
): Promise<{ status: number; data: unknown; message: string | undefined; total?: number }> {
  const form = new URLSearchParams(fields).toString();
  const inQuery = method === "GET" || method === "DELETE";
  const body = inQuery || form === "" ? null : form;
  const response = await exchange(simulator, {
    method,
    path: `/api2/json${path}${inQuery && form !== "" ? `?${form}` : ""}`,
    headers: {
      authorization: `PVEAPIToken=${as}=${SECRETS[as]}`,
      ...(body === null
        ? {}
        : {
            "content-type": "application/x-www-form-urlencoded",
            "content-length": String(body.length),
          }),
    },
    body,
  });
  const { status, reason } = response;
  const {
    data,
    message = reason,
    ...rest
  } = response.headers["content-type"]?.startsWith("application/json")
    ? JSON.parse(response.body)
    : { data: null };
  return { status, data, message, ...rest };
}
