/** The simulated cluster as plain data. Routes read and change it; nothing else is remembered. */
import type { AccessControl } from "./access-control.ts";

export type GuestKind = "qemu" | "lxc";

/** A snapshot of a guest, named after its parent. Times are in seconds since 1970. */
export interface Snapshot {
  readonly name: string;
  readonly description: string;
  readonly snaptime: number;
  readonly parent: string | undefined;
  /** 1 where it holds the memory too. */
  readonly vmstate?: 1;
}

/** A VM or a container. Sizes are in bytes, loads of processors are fractions of all its cores. */
export interface Guest {
  readonly vmid: number;
  readonly kind: GuestKind;
  readonly name: string | undefined;
  readonly template: boolean;
  readonly tags: string | undefined;
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
  readonly load: { readonly cpu: number; readonly memory: number; readonly disk: number };
  /** `absent`: configured, but nothing answers inside. `slow`: it answers late. */
  readonly agent: "none" | "absent" | "running" | "slow";
  /** What its config holds beside the above and what all have. */
  readonly config: Readonly<Record<string, string | number>>;
  /** How a task of this type ends instead of `OK`. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Where it was at first. */
  readonly home: string;
  /** Moves to this node, and back later, while a client looks at the list. */
  readonly movesTo: string | undefined;
  readonly backedUp: boolean;
  /** The template whose disks it shares. */
  readonly cloneOf: number | undefined;
  node: string;
  /** Seconds since 1970; undefined while it is stopped. */
  startedAt: number | undefined;
  /** Why no other task may touch it now. */
  lock: string | undefined;
  snapshots: readonly Snapshot[];
}

/** A node. Sizes are in bytes. */
export interface ClusterNode {
  readonly name: string;
  readonly nodeid: number;
  readonly ip: string;
  readonly cpus: number;
  readonly memory: number;
  readonly disk: number;
  readonly load: { readonly cpu: number; readonly memory: number; readonly disk: number };
  readonly startedAt: number;
  readonly certificateEndsAt: number;
  online: boolean;
}

/** What a storage holds. */
export interface Volume {
  readonly volid: string;
  readonly content: string;
  readonly format: string;
  readonly size: number;
  readonly ctime: number;
  readonly vmid: number | undefined;
}

/** A storage as one node sees it. Sizes are in bytes. */
export interface NodeStorage {
  readonly storage: string;
  readonly node: string;
  readonly type: string;
  readonly content: string;
  readonly shared: boolean;
  readonly total: number;
  used: number;
  volumes: readonly Volume[];
  active: boolean;
}

/** Work that goes on after a request was answered. */
export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  readonly userid: string;
  readonly log: string[];
  /** Undefined while it runs. */
  end: { readonly time: number; readonly exitstatus: string } | undefined;
}

/** A task that has not ended. */
export interface RunningTask {
  readonly task: Task;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** How often its status will be asked before it ends. */
  polls: number;
  /** What it does at its end. @returns its exit status. */
  readonly finish: () => string;
}

/** A command that the guest agent was asked to run. */
export interface GuestCommand {
  readonly exitcode: number;
  readonly output: string;
  readonly errors: string;
  readonly truncated: boolean;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** How long things take, in milliseconds. */
export interface Delays {
  /** Before a 401. */
  readonly unauthorized: number;
  /** A task, unless its status was asked three times before. */
  readonly task: number;
  /** A slow guest agent, before each answer. */
  readonly agent: number;
}

/** The cluster. */
export interface State {
  readonly name: string;
  readonly now: () => Date;
  readonly random: (size: number) => Uint8Array;
  readonly delays: Delays;
  /** Waits so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly nodes: readonly ClusterNode[];
  readonly guests: Map<number, Guest>;
  readonly storages: readonly NodeStorage[];
  readonly access: AccessControl;
  readonly tasks: Map<string, Task>;
  readonly running: Set<RunningTask>;
  /** By guest and process id, `100/42`. */
  readonly commands: Map<string, GuestCommand>;
  /** Signs tickets. */
  readonly secret: Uint8Array;
  /** The last process id that was given out. */
  lastPid: number;
  /** How often the guests were listed. */
  listings: number;
}

/** Seconds since 1970, as Proxmox counts. */
export function seconds(state: Pick<State, "now">): number {
  return Math.floor(state.now().getTime() / 1000);
}
