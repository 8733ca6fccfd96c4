/** A program's standard input, and whether the program read it. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one program gets. */
export interface ProgramInput {
  /** The first entry of the `stdio` that it is started with. */
  readonly stdio: Socket | "pipe" | "ignore";
  /** Writes it, once the program was started. */
  readonly feed: (child: ChildProcess) => void;
  /** Whether some of it is known to be unread. Certain when the program has ended. */
  readonly isLost: () => boolean;
  /** Lets go of it; also where no program was started. */
  readonly close: () => void;
}

/**
 * Prepares a text as a standard input; without one the program finds it empty.
 *
 * Node gives programs a socket anyway, but one that can only be written. Linux resets a socket whose
 * other end was closed before everything was read, and only who reads sees that: so there, where the
 * temporary directory takes a socket, this is one of our own.
 */
export async function openInput(text: string | undefined): Promise<ProgramInput> {
  if (text === undefined) {
    return { stdio: "ignore", feed() {}, isLost: () => false, close() {} };
  }
  const pair = process.platform === "linux" ? await connectSockets() : undefined;
  let lost = false;
  const close = () => {
    pair?.ours.destroy();
    pair?.theirs.destroy();
  };
  return {
    stdio: pair?.theirs ?? "pipe",
    feed(child) {
      // The program's copy alone keeps it open from here on.
      pair?.theirs.destroy();
      // Read all the time, so that the reset is seen whatever else comes.
      const stream = pair?.ours.resume() ?? child.stdin;
      // EPIPE: closed before it was written to. ECONNRESET: closed before it was read.
      stream?.on("error", () => {
        lost = true;
      });
      stream?.end(text);
    },
    isLost: () => lost,
    close,
  };
}

interface SocketPair {
  readonly ours: Socket;
  readonly theirs: Socket;
}

/** Two sockets that are connected to each other, through a directory that others may not enter. */
async function connectSockets(): Promise<SocketPair | undefined> {
  const net = await import("node:net");
  let directory: string;
  try {
    directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-"));
  } catch {
    return undefined;
  }
  const server = net.createServer();
  const theirs = new net.Socket();
  try {
    return await connect(server, theirs, join(directory, "s"));
  } catch {
    theirs.destroy();
    return undefined;
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function connect(server: Server, theirs: Socket, path: string): Promise<SocketPair> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    theirs.once("error", reject);
    server.listen(path, () => theirs.connect({ path }));
    server.once("connection", (ours) => {
      if (!theirs.connecting) resolve({ ours, theirs });
      else theirs.once("connect", () => resolve({ ours, theirs }));
    });
  });
}
