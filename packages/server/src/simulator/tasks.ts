/** Listing tasks and following one. */
import { boolean, integer, nodeName, oneOf, optional, text, vmid } from "./parameters.ts";
import { demand, may } from "./permissions.ts";
import { invalid } from "./refusal.ts";
import { Page, type Route, route } from "./route.ts";
import type { State, Task } from "./state.ts";
import { poll, taskEntry } from "./worker.ts";

const UPID = /^UPID:[^:]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:]+:[^:]*:[^:]+:$/i;
const PAGE = {
  start: optional(integer({ minimum: 0 })),
  limit: optional(integer({ minimum: 0 })),
};

export const TASK_ROUTES: readonly Route[] = [
  route(
    "GET",
    "/nodes/{node}/tasks",
    "all",
    {
      node: nodeName(),
      ...PAGE,
      userfilter: optional(text()),
      typefilter: optional(text()),
      statusfilter: optional(text()),
      vmid: optional(vmid()),
      errors: optional(boolean()),
      since: optional(integer()),
      until: optional(integer()),
      source: optional(oneOf("archive", "active", "all")),
    },
    ({ state, userid, values }): Page => {
      const { node, start = 0, limit = 50, source = "archive", since = 0 } = values;
      const { typefilter, userfilter, until = Infinity } = values;
      const audits = may(state.access, userid, `/nodes/${node}`, "Sys.Audit");
      const found = [...state.tasks.values()]
        .filter((task) => task.node === node && (audits || task.userid === userid))
        .filter(({ end }) => source === "all" || (end === undefined) === (source === "active"))
        .filter(({ id }) => values.vmid === undefined || id === String(values.vmid))
        .filter(({ type }) => typefilter === undefined || type === typefilter)
        .filter((task) => userfilter === undefined || task.userid.includes(userfilter))
        .filter(({ starttime }) => starttime >= since && starttime <= until)
        .filter(({ end }) => values.errors !== true || end?.exitstatus !== "OK")
        .sort((a, b) => b.starttime - a.starttime);
      const entries = found.slice(start, start + limit).map((task) => ({
        ...taskEntry(task),
        ...(task.end === undefined
          ? { status: "RUNNING" }
          : { endtime: task.end.time, status: task.end.exitstatus }),
      }));
      return new Page(entries, found.length);
    },
  ),
  route(
    "GET",
    "/nodes/{node}/tasks/{upid}/status",
    "all",
    { node: nodeName(), upid: text() },
    ({ state, userid, values: { node, upid } }) => {
      // The recorded front end answers so; a node itself would find fault with the parameter.
      if (!UPID.test(upid)) return null;
      const task = taskFor(state, userid, node, upid);
      poll(state, task);
      const end = task.end === undefined ? {} : { exitstatus: task.end.exitstatus };
      return { ...taskEntry(task), status: task.end === undefined ? "running" : "stopped", ...end };
    },
  ),
  route(
    "GET",
    "/nodes/{node}/tasks/{upid}/log",
    "all",
    { node: nodeName(), upid: text(), ...PAGE },
    ({ state, userid, values: { node, upid, start = 0, limit = 50 } }): Page => {
      const { log } = taskFor(state, userid, node, upid);
      const lines = log.length === 0 ? ["no content"] : log;
      const numbered = lines.map((t, index) => ({ n: index + 1, t }));
      return new Page(numbered.slice(start, start + limit), lines.length);
    },
  ),
];

// Your own tasks are yours to see.
function taskFor(state: State, userid: string, node: string, upid: string): Task {
  if (!UPID.test(upid)) throw invalid({ upid: "unable to parse worker upid" });
  const task = state.tasks.get(upid);
  if (task === undefined || task.node !== node) throw invalid({ upid: "no such task" });
  if (task.userid !== userid) demand(state.access, userid, `/nodes/${node}`, ["Sys.Audit"]);
  return task;
}
