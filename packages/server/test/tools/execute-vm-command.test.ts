import { expect, test } from "vitest";
import { runCommand } from "../../src/guests/run-command.ts";
import { openSession, type Session } from "../mcp/session.ts";
import { clientOf, failureOf, startHost } from "../proxmox/host.ts";

const EXEC = {
  allow: ["uptime", "echo **", "cat *", "false", "yes", "sleep *", "nothing-of-this-name"],
  shell: false,
  timeout: 30,
  max_output: 65_536,
};

function run(session: Session, command: string, args: object = {}): ReturnType<Session["call"]> {
  return session.call("execute_vm_command", { node: "pve1", vmid: 100, command, ...args });
}

test("a command runs to its end and gives exit code and output", async () => {
  const session = await openSession({ policy: { exec: EXEC } });
  expect((await run(session, 'echo a "b  c" $HOME')).data).toMatchObject({
    exit_code: 0,
    stdout: "a b  c $HOME\n",
    stderr: "",
    stdout_truncated: false,
    vmid: 100,
    node: "pve1",
  });
  const missing = await run(session, "cat /nothing");
  expect(missing).toMatchObject({ isError: false, data: { exit_code: 1, stdout: "" } });
  expect(missing.text).toBe(
    "VM: 100 on pve1\nExit code: 1\n\nstderr:\ncat: /nothing: No such file or directory",
  );
  expect((await run(session, "sleep 0.3")).data).toMatchObject({ exit_code: 0 });
});

test("output is cut between two characters, and says so", async () => {
  const session = await openSession({ policy: { exec: { ...EXEC, max_output: 4 } } });
  const { data, text } = await run(session, "echo aää");
  expect(data).toMatchObject({ stdout: "aä", stdout_truncated: true, stderr_truncated: false });
  expect(text).toContain("stdout (truncated):\naä");
});

test("what the agent cut is said to be cut", async () => {
  const session = await openSession({ policy: { exec: { ...EXEC, max_output: 16 * 1024 ** 2 } } });
  expect((await run(session, "yes")).data).toMatchObject({ stdout_truncated: true });
});

test("output cannot repaint a terminal", async () => {
  const session = await openSession({ policy: { exec: EXEC } });
  const { data, text } = await run(session, "echo '\u001b[2Jx\r\n\ty\u202e'");
  expect(data).toMatchObject({ stdout: "\u001b[2Jx\r\n\ty\u202e\n" });
  expect(text).toBe("VM: 100 on pve1\nExit code: 0\n\nstdout:\n\\u001b[2Jx\n\ty\\u202e");
});

test("a command that takes longer goes on, and the error names its process", async () => {
  const session = await openSession({ policy: { exec: { ...EXEC, timeout: 1 } } });
  const { error } = await run(session, "sleep 600");
  expect(error).toMatchObject({
    code: "TASK_RUNNING",
    message: `the command has not ended after 1 seconds; it goes on in VM 100 as process ${session.simulator.state.lastPid}`,
  });
});

test.each<[string, string, object, string]>([
  ["is off", "uptime", { vmid: 108 }, "VM 108 is not running"],
  ["has no agent", "uptime", { node: "pve2", vmid: 104 }, "no QEMU guest agent is configured"],
  ["does not answer", "uptime", { vmid: 101 }, "the QEMU guest agent of guest 101 is not running"],
])("a machine that %s", async (_, command, args, message) => {
  const session = await openSession({ policy: { exec: EXEC } });
  const { error } = await run(session, command, args);
  expect(error).toMatchObject({ code: "AGENT_UNAVAILABLE" });
  expect(error.message).toContain(message);
  expect(error.hint).toMatch(/start/);
});

test("a program that is not there is Proxmox's own error", async () => {
  const session = await openSession({ policy: { exec: EXEC } });
  expect((await run(session, "nothing-of-this-name")).error).toMatchObject({
    code: "PROXMOX_FAILED",
    message: expect.stringContaining("No such file or directory"),
  });
});

test("on another node than named nothing is run", async () => {
  const session = await openSession({ policy: { exec: EXEC } });
  const { error } = await run(session, "uptime", { node: "pve2" });
  expect(error).toMatchObject({
    code: "GUEST_NOT_FOUND",
    message: "VM 100 is on node pve1, not on pve2; nothing was run",
    hint: "if it is the one that is meant, call again with node pve1",
  });
  expect(session.simulator.state.commands.size).toBe(0);
});

test("what the policy does not allow never reaches the host", async () => {
  const session = await openSession({ policy: { exec: EXEC } });
  for (const command of ["rm -rf /", "uptime; reboot", "uptime\nreboot", "/usr/bin/uptime"]) {
    const { error } = await run(session, command);
    expect(error.code, command).toBe("POLICY_DENIED");
    expect(error.hint).toContain("policy.exec.allow");
  }
  expect(session.simulator.state.listings).toBe(0);
});

test("with a shell the whole text goes to it", async () => {
  const exec = { ...EXEC, shell: true, allow: ["uptime; reboot"] };
  const session = await openSession({ policy: { exec } });
  expect((await run(session, "uptime")).error.code).toBe("POLICY_DENIED");
  // The simulated machine has no shell, and says how it was asked.
  expect((await run(session, "uptime; reboot")).error.message).toContain('"/bin/sh"');
});

test.each<[string, object | undefined]>([
  ["no policy", undefined],
  ["a policy without exec", {}],
  ["an empty list", { exec: { ...EXEC, allow: [] } }],
])("with %s the tool is not listed, and calling it says how to allow it", async (_, policy) => {
  const session = await openSession(policy === undefined ? {} : { policy });
  const { tools } = await session.client.listTools();
  expect(tools.map(({ name }) => name)).not.toContain("execute_vm_command");
  expect((await run(session, "uptime")).error).toMatchObject({
    code: "POLICY_DENIED",
    message: "execute_vm_command is off",
    hint: expect.stringContaining("policy.exec.allow"),
  });
});

test("a token without the privilege is told which one", async () => {
  const token = {
    user: "root@pam",
    tokenName: "mcp",
    tokenValue: "11111111-1111-1111-1111-111111111111",
  };
  const session = await openSession({ policy: { exec: EXEC }, token });
  const { error } = await run(session, "uptime");
  expect(error.code).toBe("PROXMOX_FORBIDDEN");
  expect(error.message).toMatch(/VM\.GuestAgent\.Unrestricted/);
});

test("a client that gives up while the command is being started learns its process", async () => {
  const client = new AbortController();
  const host = await startHost((_, response) => {
    client.abort();
    response.end('{"data":{"pid":7}}');
  });
  const run = runCommand(clientOf(host), {
    node: "pve1",
    vmid: 100,
    argv: ["uptime"],
    timeout: 30,
    signal: client.signal,
    ending: new AbortController().signal,
    progress: () => {},
    now: () => new Date(),
  });
  expect(await failureOf(run)).toMatchObject({
    code: "CANCELLED",
    message: "the call was cancelled; the command was started as process 7 and may go on",
  });
  expect(host.seen).toHaveLength(1);
});
