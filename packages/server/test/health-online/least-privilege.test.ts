/**
 * docs/least-privilege.md is made of what the tools need. After a change:
 * `npx vitest run test/health-online/least-privilege.test.ts --update`, and look at the difference.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectionOf } from "../../src/health/online/missing-privileges.ts";
import { needsOf, type ToolNeed } from "../../src/health/online/needs.ts";
import { isPowerful, privilegeIn } from "../../src/health/online/privilege-names.ts";
import { exampleAccess } from "../../src/simulator/example-access.ts";
import { TOOLS } from "../../src/tools/index.ts";
import type { Tool } from "../../src/tools/tool.ts";

const PAGE = join(import.meta.dirname, "../../../../docs/least-privilege.md");

const READING = needsOf(TOOLS.filter(({ effect }) => effect === "read"));
const RUNNING = needsOf(TOOLS.filter(({ effect }) => effect === "run-command"));
const OPERATING = needsOf(TOOLS.filter((tool) => changesIn(tool, "operate")));
const MAKING = needsOf(TOOLS.filter((tool) => changesIn(tool, "full")));

function changesIn({ mode, effect }: Tool, wanted: Tool["mode"]): boolean {
  return mode === wanted && ["change", "interrupt", "destroy"].includes(effect);
}

const ALL = needsOf(TOOLS);

function namesIn(release: string, needs: readonly ToolNeed[]): readonly string[] {
  return [...new Set(needs.map(({ anyOf }) => privilegeIn(release, anyOf)))].sort();
}

const read9 = namesIn("9", READING);
const read8 = namesIn("8", READING).filter((name) => !isPowerful(name));
const run9 = namesIn("9", RUNNING);
const run8 = namesIn("8", RUNNING);
const operate9 = namesIn("9", OPERATING).filter((name) => !read9.includes(name));
const make9 = namesIn("9", MAKING).filter((name) => ![...read9, ...operate9].includes(name));

const page = `# A user and a token for the server

The server needs an API token of Proxmox VE, and no more rights than its tools use. This page makes a
user, a token and a role for that. The commands are for a shell of root on any one node; the web
interface has the same under Datacenter > Permissions.

## Reading

Proxmox VE 9:

\`\`\`sh not-run: for a shell on a Proxmox node
pveum role add ProxmoxMcpRead --privs ${read9.join(",")}
pveum user add mcp@pve --comment "Proxmox MCP server"
pveum acl modify / --users mcp@pve --roles ProxmoxMcpRead
pveum user token add mcp@pve server --privsep 1
pveum acl modify / --tokens 'mcp@pve!server' --roles ProxmoxMcpRead
\`\`\`

Proxmox VE 8 has no ${read9
  .filter((name) => !read8.includes(name))
  .map((name) => `\`${name}\``)
  .join(" and ")}; there the first command is

\`\`\`sh not-run: for a shell on a Proxmox node
pveum role add ProxmoxMcpRead --privs ${read8.join(",")}
\`\`\`

What each command is for:

1. A role is a set of privileges. It takes exact names, no wildcards.
2. A user that is for the server alone. It has no password, so nobody can log in as it.
3. An entry of the access control list: this role for this user, on \`/\` and everything below.
4. The token. Its secret is printed once: write it into \`auth.token_value\` of the config at once, and
   encrypt it. The option \`expire\` with seconds since 1970 ends it by itself.
5. The same entry for the token. With privilege separation (\`privsep 1\`) a token starts with no
   rights, and it never has more than its user: both need the entry. With \`privsep 0\` it has all
   rights of its user, and step 5 falls away; then nobody can take rights from the token alone.

The config then has

\`\`\`json
{ "auth": { "user": "mcp@pve", "token_name": "server", "token_value": "the secret" } }
\`\`\`

and \`proxmox-mcp-server test-connection -v config.json\` says whether it works, and what is missing.

## Operating guests

The tools of \`policy.mode\` \`operate\` start, stop and snapshot guests. Only where the config allows them
give their privileges too; a second role on the same path adds to the first:

\`\`\`sh not-run: for a shell on a Proxmox node
pveum role add ProxmoxMcpOperate --privs ${operate9.join(",")}
pveum acl modify / --users mcp@pve --roles ProxmoxMcpOperate
pveum acl modify / --tokens 'mcp@pve!server' --roles ProxmoxMcpOperate
\`\`\`

Those of \`full\` also make, clone and remove guests:

\`\`\`sh not-run: for a shell on a Proxmox node
pveum role add ProxmoxMcpFull --privs ${make9.join(",")}
pveum acl modify / --users mcp@pve --roles ProxmoxMcpFull
pveum acl modify / --tokens 'mcp@pve!server' --roles ProxmoxMcpFull
\`\`\`

With \`VM.Allocate\` a token removes any guest below its path. Narrower is a resource pool: give the
privileges that begin with \`VM.\` on \`/pool/NAME\` instead, and name that pool when a guest is made.

## Running commands in guests

\`execute_vm_command\` is off unless \`policy.exec\` in the config allows it. Only then give its privilege
too, for the guests in question:

\`\`\`sh not-run: for a shell on a Proxmox node
pveum role add ProxmoxMcpExec --privs ${run9.join(",")}
pveum acl modify /vms/100 --users mcp@pve --roles ProxmoxMcpRead,ProxmoxMcpExec
pveum acl modify /vms/100 --tokens 'mcp@pve!server' --roles ProxmoxMcpRead,ProxmoxMcpExec
\`\`\`

On Proxmox VE 8 the privilege is ${run8.map((name) => `\`${name}\``).join(" and ")}. For all guests write \`/\` instead of
\`/vms/100\`, and \`ProxmoxMcpExec\` alone.

## Entries hide each other

- An entry on a path hides what comes down to that path from above, for the same user or token. That
  is why \`/vms/100\` above gets both roles. Several roles on the same path add up.
- An entry for a user hides those of the user's groups on the same path.
- On \`/\` a role gives no more than further down: privileges for guests count on guests alone, those
  for storages on storages.

To show the server some guests only, leave the privileges that begin with \`VM.\` out of the role on
\`/\`, and give a role with them on \`/vms/ID\` or \`/pool/NAME\`, to user and token.
\`test-connection -v\` then warns, with \`PRIVILEGE_IN_PART\`, and exits with 0.

## What each privilege is for

| privilege | before Proxmox VE 9 | path | tools that are refused without it |
|---|---|---|---|
${ALL.map(row).join("\n")}

A token may always look at the tasks that it started itself: what changes a guest needs no \`Sys.Audit\`.

Several tools get shortened lists instead of a refusal: without \`VM.Audit\` on a guest it is not in
\`get_vms\`, without \`Datastore.Audit\` on a storage it is not in \`get_storage\`, and without \`Sys.Audit\`
on \`/access\` \`analyze_security_posture\` sees no other users. With the role above on \`/\` all are whole.

\`VM.Monitor\` before Proxmox VE 9 also runs commands in guests. Tools that only read do without it:
\`diagnose_vm_issues\` then says that it could not ask the guest agent.

The built-in role \`PVEAuditor\` has all privileges for reading and some that the server does not use.

This page is made of what the tools need by
\`packages/server/test/health-online/least-privilege.test.ts\`.
`;

function row({ anyOf, on, tools }: ToolNeed): string {
  const path = collectionOf(on) === on ? `\`${on}\`` : `\`${on.replace(/\{\w+\}$/, "ID")}\``;
  const [newest, before] = ["9", "8"].map((release) => privilegeIn(release, anyOf));
  const names = tools.map((name) => `\`${name}\``).join(", ");
  return `| \`${newest}\` | ${before === newest ? "the same" : `\`${before}\``} | ${path} | ${names} |`;
}

test("docs/least-privilege.md says what the tools need", async () => {
  await expect(page).toMatchFileSnapshot(PAGE);
});

test("the roles hold names that Proxmox VE 9 has", () => {
  const { roles } = exampleAccess();
  for (const name of [...read9, ...run9, ...operate9, ...make9])
    expect(roles["Administrator"]).toContain(name);
});

test("PVEAuditor has all privileges for reading", () => {
  for (const name of read9) expect(exampleAccess().roles["PVEAuditor"]).toContain(name);
});
