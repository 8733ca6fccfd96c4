// The server over HTTP as a process of its own, and a client that keeps many calls in flight.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(
  new URL("../packages/server/bin/proxmox-mcp-server.cjs", import.meta.url),
);
const PROBE = fileURLToPath(new URL("probe.cjs", import.meta.url));

/** The API key of the client. It is made up. */
export const API_KEY = "example-key-of-the-bench-0123456789";

/**
 * Starts `proxmox-mcp-server --transport http` while `work` does its own.
 *
 * @param work gets `url` of the endpoint, the `pid`, and `ask(question)` for what probe.cjs answers.
 */
export async function withHttpServer({ config, args = [], program = SERVER }, work) {
  const server = spawn(
    process.execPath,
    ["--expose-gc", "-r", PROBE, program, "--transport", "http", ...args, config],
    {
      env: {
        PATH: process.env.PATH,
        PROXMOX_MCP_MASTER_KEY: `${randomBytes(32).toString("base64url")}=`,
      },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    },
  );
  try {
    const url = await listening(server);
    const ask = async (question) => {
      server.send(question);
      const [answer] = await once(server, "message");
      return answer;
    };
    return await work({ url, pid: server.pid, ask });
  } finally {
    server.kill("SIGKILL");
  }
}

/** The address that the log names. The log is read to its end, or the server would wait for that. */
async function listening(server) {
  const lines = [];
  return await new Promise((resolve, reject) => {
    createInterface(server.stderr).on("line", (line) => {
      const [url] = /https?:\/\/[^"\s]+/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
      else lines.push(line);
    });
    server.once("exit", () => reject(new Error(`the server did not start:\n${lines.join("\n")}`)));
  });
}

/** A client that opens as many connections as it has calls in flight, and keeps them. */
export function createCaller(url, { key = API_KEY } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const headers = {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2025-11-25",
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  let id = 0;

  /** Calls a tool. @returns the milliseconds that it took. */
  const call = async (name, args = {}) => {
    id += 1;
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name, arguments: args },
    });
    const start = performance.now();
    const { status, text } = await post(url, { agent, headers, body });
    const milliseconds = performance.now() - start;
    if (status !== 200 || !text.includes('"structuredContent"')) {
      throw new Error(`${name}: ${status} ${text.slice(0, 300)}`);
    }
    return milliseconds;
  };
  return { call, close: () => agent.destroy() };
}

function post(url, { agent, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Keeps `width` calls in flight until `count` have been answered. @returns what each took. */
export async function inFlight(width, count, call) {
  const times = [];
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      times.push(await call());
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return times;
}
