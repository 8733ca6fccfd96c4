/** Example users, tokens and rights. Every secret here is an example and opens nothing else. */
import type { AccessControl, Token, User } from "./access-control.ts";

const AUDIT = [
  "Datastore.Audit",
  "Mapping.Audit",
  "Pool.Audit",
  "SDN.Audit",
  "Sys.Audit",
  "VM.Audit",
  "VM.GuestAgent.Audit",
];
const VM_USER = [
  "VM.Audit",
  "VM.Backup",
  "VM.Config.CDROM",
  "VM.Config.Cloudinit",
  "VM.Console",
  "VM.GuestAgent.Audit",
  "VM.GuestAgent.FileRead",
  "VM.GuestAgent.FileSystemMgmt",
  "VM.GuestAgent.FileWrite",
  "VM.PowerMgmt",
];
const VM_ADMIN = [
  ...VM_USER,
  "VM.Allocate",
  "VM.Clone",
  "VM.Config.CPU",
  "VM.Config.Disk",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
  "VM.GuestAgent.Unrestricted",
  "VM.Migrate",
  "VM.Replicate",
  "VM.Snapshot",
  "VM.Snapshot.Rollback",
];
const DATASTORE_ADMIN = [
  "Datastore.Allocate",
  "Datastore.AllocateSpace",
  "Datastore.AllocateTemplate",
  "Datastore.Audit",
];
const ADMINISTRATOR = [
  ...new Set([
    ...AUDIT,
    ...VM_ADMIN,
    ...DATASTORE_ADMIN,
    "Group.Allocate",
    "Mapping.Modify",
    "Mapping.Use",
    "Permissions.Modify",
    "Pool.Allocate",
    "Realm.Allocate",
    "Realm.AllocateUser",
    "SDN.Allocate",
    "SDN.Use",
    "Sys.AccessNetwork",
    "Sys.Console",
    "Sys.Incoming",
    "Sys.Modify",
    "Sys.PowerMgmt",
    "Sys.Syslog",
    "User.Modify",
  ]),
];

function token(secret: string, details: Partial<Token> = {}): Token {
  return { secret, privsep: true, expire: 0, comment: undefined, ...details };
}

function user(details: Partial<User> = {}): User {
  const nobody = { enable: true, expire: 0, comment: undefined, password: undefined };
  return { ...nobody, groups: [], tokens: {}, secondFactors: [], ...details };
}

/** The token that `--test-mode` uses: it may read everything and work on all guests. */
export const EXAMPLE_TOKEN = {
  user: "mcp@pve",
  tokenName: "example",
  tokenValue: "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
} as const;

const YEAR_2023 = 1_672_531_200;

/** The access control of a new cluster. Paths in the list are few: those of the recorded exchanges. */
export function exampleAccess(): AccessControl {
  return {
    users: {
      "root@pam": user({
        password: "example-password",
        tokens: {
          mcp: token("11111111-1111-1111-1111-111111111111", { comment: "reads only" }),
          full: token("22222222-2222-2222-2222-222222222222", { privsep: false }),
          old: token("33333333-3333-3333-3333-333333333333", { expire: YEAR_2023 }),
        },
      }),
      "mcp@pve": user({
        comment: "the MCP server",
        password: "example-password",
        tokens: {
          [EXAMPLE_TOKEN.tokenName]: token(EXAMPLE_TOKEN.tokenValue),
          bare: token("66666666-6666-6666-6666-666666666666", { comment: "no rights of its own" }),
        },
      }),
      "bob@pve": user({
        groups: ["helpdesk"],
        tokens: { t1: token("44444444-4444-4444-4444-444444444444") },
      }),
      "alice@pve": user({
        password: "example-password",
        groups: ["admins"],
        secondFactors: ["totp", "recovery"],
      }),
      "off@pve": user({
        enable: false,
        tokens: { t1: token("55555555-5555-5555-5555-555555555555") },
      }),
    },
    grants: [
      { path: "/", type: "token", ugid: "root@pam!mcp", roleid: "PVEAuditor", propagate: true },
      { path: "/", type: "user", ugid: "mcp@pve", roleid: "PVEAuditor", propagate: true },
      { path: "/vms", type: "user", ugid: "mcp@pve", roleid: "McpGuests", propagate: true },
      { path: "/", type: "token", ugid: "mcp@pve!example", roleid: "PVEAuditor", propagate: true },
      {
        path: "/vms",
        type: "token",
        ugid: "mcp@pve!example",
        roleid: "McpGuests",
        propagate: true,
      },
      { path: "/", type: "user", ugid: "mcp@pve", roleid: "McpNetwork", propagate: true },
      { path: "/", type: "token", ugid: "mcp@pve!example", roleid: "McpNetwork", propagate: true },
      { path: "/storage", type: "user", ugid: "mcp@pve", roleid: "McpStorages", propagate: true },
      {
        path: "/storage",
        type: "token",
        ugid: "mcp@pve!example",
        roleid: "McpStorages",
        propagate: true,
      },
      { path: "/vms/100", type: "user", ugid: "bob@pve", roleid: "PVEVMUser", propagate: true },
      { path: "/vms/100", type: "token", ugid: "bob@pve!t1", roleid: "PVEVMUser", propagate: true },
      { path: "/vms", type: "group", ugid: "helpdesk", roleid: "PVEVMUser", propagate: false },
      { path: "/", type: "group", ugid: "admins", roleid: "Administrator", propagate: true },
    ],
    roles: {
      Administrator: ADMINISTRATOR,
      NoAccess: [],
      PVEAuditor: AUDIT,
      PVEDatastoreAdmin: DATASTORE_ADMIN,
      PVEVMAdmin: VM_ADMIN,
      PVEVMUser: VM_USER,
      McpGuests: [...AUDIT, ...VM_ADMIN],
      McpNetwork: ["SDN.Use"],
      McpStorages: [...AUDIT, "Datastore.AllocateSpace"],
    },
  };
}
