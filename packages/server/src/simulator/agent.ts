/** The QEMU guest agent: pinging it, and running commands inside a VM. */
import { GUEST, guestOn, isRunning } from "./guest.ts";
import { runInGuest } from "./guest-commands.ts";
import { integer, optional, text, texts } from "./parameters.ts";
import { failed } from "./refusal.ts";
import { needs, type Route, route } from "./route.ts";
import type { Guest, State } from "./state.ts";

const RUN = needs("/vms/{vmid}", "VM.GuestAgent.Unrestricted");
const AGENT = "/nodes/{node}/qemu/{vmid}/agent";

export const AGENT_ROUTES: readonly Route[] = [
  route(
    "POST",
    `${AGENT}/ping`,
    needs("/vms/{vmid}", "VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"),
    GUEST,
    async ({ state, values }) => {
      await reachAgent(state, guestOn(state, "qemu", values));
      return { result: {} };
    },
  ),
  route(
    "POST",
    `${AGENT}/exec`,
    RUN,
    { ...GUEST, command: texts(), "input-data": optional(text()) },
    async ({ state, values }) => {
      const guest = guestOn(state, "qemu", values);
      await reachAgent(state, guest);
      state.lastPid += 1;
      const pid = state.lastPid;
      const { command, "input-data": input = "" } = values;
      state.commands.set(key(guest, pid), runInGuest(state, guest, command, input));
      return { pid };
    },
  ),
  route("GET", `${AGENT}/exec-status`, RUN, { ...GUEST, pid: integer() }, async (call) => {
    const { state, values } = call;
    const guest = guestOn(state, "qemu", values);
    await reachAgent(state, guest);
    const name = key(guest, values.pid);
    const command = state.commands.get(name);
    if (command === undefined) throw failed(`Agent error: PID ${values.pid} does not exist`);
    if (state.now().getTime() < command.endsAt) return { exited: 0 };
    // The agent forgets a command once it has told of its end.
    state.commands.delete(name);
    const { exitcode, output, errors, truncated } = command;
    return {
      exited: 1,
      exitcode,
      ...(output === "" ? {} : { "out-data": output }),
      ...(errors === "" ? {} : { "err-data": errors }),
      ...(truncated ? { "out-truncated": 1 } : {}),
    };
  }),
];

function key({ vmid }: Guest, pid: number): string {
  return `${vmid}/${pid}`;
}

async function reachAgent(state: State, guest: Guest): Promise<void> {
  if (guest.agent === "none") throw failed("No QEMU guest agent configured");
  if (!isRunning(guest)) throw failed(`VM ${guest.vmid} is not running`);
  if (guest.agent === "absent") throw failed("QEMU guest agent is not running");
  if (guest.agent === "slow") await state.wait(state.delays.agent);
}
