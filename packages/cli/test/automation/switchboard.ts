/** Answers every stub program: writes down how it was called, and lets a call fail where it has to. */
import { createServer, type Socket } from "node:net";
import type { Fault } from "./fault.ts";
import { type Act, type Call, type Outside, Refusal } from "./stubs/call.ts";
import { curl } from "./stubs/curl.ts";
import { gh } from "./stubs/gh.ts";
import { git } from "./stubs/git.ts";
import { kubectl } from "./stubs/kubectl.ts";
import { npm, tool } from "./stubs/npm.ts";
import { passOn } from "./stubs/real.ts";

const ACTS: Readonly<Record<string, Act>> = {
  curl,
  gh,
  git,
  kubectl,
  npm,
  "proxmox-mcp-encrypt": tool,
};

/** Names of the stub programs. */
export const PROGRAMS: readonly string[] = Object.keys(ACTS);

/** Programs that do what they always do, and whose arguments and environment are looked through as well. */
export const WITNESSES: readonly string[] =
  "base64 cat chmod mkdir node realpath rm sed sort tr".split(" ");

/** How a machine ends before its time. */
export type Cut = "kill" | "hang";

/** Where all calls arrive. */
export interface Switchboard {
  readonly port: number;
  /** Every call since the last `begin`, in the order of their arrival. */
  readonly calls: readonly Call[];
  /** What nobody plays. */
  readonly surprises: readonly string[];
  /** Forgets the calls of the last run, and sets up the fault of this one. */
  begin(fault?: Fault): void;
  /** Whether the fault of this run has struck. */
  hasStruck(): boolean;
  /** A moment between two calls. @returns whether the machine goes in it. */
  pass(moment: string): boolean;
  /** Says what is going on: a part of the names of calls. */
  enter(job: string, step: string): void;
  /** @param look hears of each call before it is answered. */
  whenCalled(look: (call: Call) => void): void;
  /** @param end puts an end to the machine that is running. */
  whenCut(end: (how: Cut) => void): void;
  close(): void;
}

/** @param world where the outside keeps what it has. */
export async function createSwitchboard(world: string): Promise<Switchboard> {
  let calls: Call[] = [];
  let fault: Fault | undefined;
  let hasStruck = false;
  let place = "";
  let end: (how: Cut) => void = () => undefined;
  let look: (call: Call) => void = () => undefined;
  const surprises: string[] = [];
  const counts = new Map<string, number>();

  // A fault strikes once: the next machine is a sound one.
  const strike = (label: string): Fault["kind"] | undefined => {
    if (fault?.label !== label) return undefined;
    const { kind } = fault;
    fault = undefined;
    hasStruck = true;
    return kind;
  };

  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket).catch((error: unknown) => {
      // Whoever is killed says no more.
      if (!(error instanceof HungUp)) surprises.push(String(error));
      socket.destroy();
    });
  });

  async function answer(socket: Socket): Promise<void> {
    const hear = words(socket);
    const say = (...said: readonly string[]) =>
      socket.write(said.map((word) => `${word}\0`).join(""));
    const call = await hearCall(hear, place);
    const count = (counts.get(call.label) ?? 0) + 1;
    counts.set(call.label, count);
    const label = `${call.label} #${count}`;
    calls.push({ ...call, label });
    look({ ...call, label });
    const kind = strike(label);
    if (kind === "kill" || kind === "hang") return end(kind);
    if (kind === "fail") return void say("error", "example failure", "end", "1");
    const outside: Outside = {
      ...call,
      label,
      world,
      stdin: () => {
        say("stdin");
        return hear();
      },
      file: (path) => {
        say("file", path);
        return hear();
      },
    };
    let status = 0;
    try {
      const reply = await (ACTS[call.program] ?? passOn)(outside);
      if ("print" in reply) say("out", reply.print);
      else {
        for (const variable of Object.entries(reply.env ?? {})) say("variable", variable.join("="));
        if (reply.argv) say("arguments", String(reply.argv.length), ...reply.argv);
        say("run", reply.run);
        status = Number(await hear());
      }
    } catch (error) {
      if (error instanceof HungUp) throw error;
      // What nobody plays must not pass for a failure that the scripts expect.
      if (!(error instanceof Refusal)) surprises.push(`${label}: ${error}`);
      say("error", error instanceof Error ? error.message : String(error));
      status = error instanceof Refusal ? error.status : 1;
    }
    if (kind === "kill-after") return end("kill");
    if (kind === "fail-after") return void say("error", "example failure, too late", "end", "1");
    say("end", String(status));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    surprises,
    get calls() {
      return calls;
    },
    begin(next) {
      calls = [];
      counts.clear();
      fault = next;
      hasStruck = false;
    },
    hasStruck: () => hasStruck,
    pass: (moment) => strike(moment) !== undefined,
    enter(job, step) {
      place = `${job}/${step}`;
    },
    whenCalled(listener) {
      look = listener;
    },
    whenCut(listener) {
      end = listener;
    },
    close: () => server.close(),
  };
}

class HungUp extends Error {}

/** @returns a function that gives the next word of a socket, which ends in a zero byte. */
function words(socket: Socket): () => Promise<string> {
  let text = "";
  let wake: () => void = () => undefined;
  let isOver = false;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    text += chunk;
    wake();
  });
  socket.on("close", () => {
    isOver = true;
    wake();
  });
  return async () => {
    for (;;) {
      const end = text.indexOf("\0");
      if (end >= 0) {
        const word = text.slice(0, end);
        text = text.slice(end + 1);
        return word;
      }
      if (isOver) throw new HungUp();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

async function hearCall(hear: () => Promise<string>, place: string): Promise<Call> {
  const list = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let count = Number(await hear()); count > 0; count -= 1) found.push(await hear());
    return found;
  };
  const program = await hear();
  const directory = await hear();
  const argv = await list();
  const env = Object.fromEntries(
    (await list()).map((variable) => {
      const at = variable.indexOf("=");
      return [variable.slice(0, at), variable.slice(at + 1)];
    }),
  );
  const label = `${place}: ${[program, ...argv.map(stable)].join(" ").slice(0, 160)}`;
  return { program, argv, env, directory, label };
}

/** An argument without what differs from run to run. */
function stable(argument: string): string {
  return argument
    .replace(/\s+/g, " ")
    .replace(/(\/[^\s/"']+)*\/proxmox-mcp-(automation|pack)-[^\s/"']*/g, "ROOT")
    .replace(/\bmachines\/\d+/g, "MACHINE")
    .replace(/\bexample-\d+-\d+/g, "JOB")
    .replace(/\btmp\.\w+/g, "TEMPORARY")
    .replace(/\b[0-9a-f]{40}\b/g, "COMMIT")
    .replace(/\b[0-9a-f]{8}\b/g, "KEY")
    .replace(/\b20\d\d-?\d\d-?\d\d[T_]?[\d:]*Z?/g, "TIME");
}
