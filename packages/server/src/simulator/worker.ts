/** Work that goes on after the answer: tasks with a UPID. */
import { splitUserid } from "./permissions.ts";
import { type RunningTask, type State, seconds, type Task } from "./state.ts";

/** A task ends once its status was asked this often, however early that is. */
const POLLS = 3;

/** What a new task does. */
export interface Work {
  readonly node: string;
  /** As in `qmstart`. */
  readonly type: string;
  /** What it works on, as in `100`. */
  readonly id: string;
  readonly userid: string;
  readonly log: readonly string[];
  /** Works when its time has come. @returns the exit status. */
  readonly finish: () => string;
}

/** Starts a task. @returns its UPID. */
export function startTask(state: State, work: Work): string {
  const { node, type, id, userid, log, finish } = work;
  state.lastPid += 1;
  const pid = state.lastPid;
  const starttime = seconds(state);
  const pstart = pid * 100;
  const upid = `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${userid}:`;
  const task: Task = {
    ...{ upid, node, pid, pstart, starttime, type, id, userid },
    log: [...log],
    end: undefined,
  };
  state.tasks.set(upid, task);
  const endsAt = state.now().getTime() + state.delays.task;
  state.running.add({ task, endsAt, polls: POLLS, finish });
  return upid;
}

/** Ends the tasks whose time has come. */
export function settle(state: State): void {
  const now = state.now().getTime();
  for (const running of state.running) {
    if (now >= running.endsAt) end(state, running);
  }
}

/** Notes that the status of a task is asked. */
export function poll(state: State, task: Task): void {
  for (const running of state.running) {
    if (running.task !== task) continue;
    running.polls -= 1;
    if (running.polls <= 0) end(state, running);
  }
}

function end(state: State, running: RunningTask): void {
  const { task, finish } = running;
  state.running.delete(running);
  const exitstatus = finish();
  task.end = { time: seconds(state), exitstatus };
  task.log.push(lastLine(exitstatus));
}

/** The line with which the log of a task ends. */
export function lastLine(exitstatus: string): string {
  if (exitstatus === "OK") return "TASK OK";
  return `TASK ${exitstatus.startsWith("WARNINGS: ") ? "" : "ERROR: "}${exitstatus}`;
}

/** The task as its status and the list of tasks give it. */
export function taskEntry({ upid, node, pid, pstart, starttime, type, id, userid }: Task): object {
  const { user, token } = splitUserid(userid);
  const tokenid = token === undefined ? {} : { tokenid: token };
  return { upid, node, pid, pstart, starttime, type, id, user, ...tokenid };
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, "0");
}
