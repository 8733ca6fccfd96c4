import type { SecurityFacts, Self } from "../../src/analysis/security/facts.ts";
import { SECURITY_RULES } from "../../src/analysis/security/rules.ts";
import type { AclEntry, User } from "../../src/proxmox/access.ts";
import type { NodeCertificate } from "../../src/proxmox/nodes.ts";
import type { Suite } from "./rule-cases.ts";

const DAY = 86_400;
const NOW = Date.parse("2026-01-31T12:00:00Z") / 1000;
const LATER = NOW + 100 * DAY;

const user = (details: Partial<User> = {}): User => ({
  userid: "joe@pve",
  enable: true,
  expire: 0,
  "realm-type": "pve",
  tokens: [{ tokenid: "backup", privsep: true, expire: LATER }],
  ...details,
});

const certificate = (details: Partial<NodeCertificate> = {}): NodeCertificate => ({
  filename: "/etc/pve/nodes/pve1/pveproxy-ssl.pem",
  issuer: "/C=US/O=Example CA",
  subject: "/CN=pve1.example.com",
  notafter: LATER,
  ...details,
});

const SELF: Self = {
  user: "mcp@pve",
  token: "server",
  tls: "public",
  mayRunCommands: false,
};

const healthy: SecurityFacts = {
  now: NOW,
  self: SELF,
  granted: { "/": { "Sys.Audit": true, "VM.Audit": true } },
  users: [user()],
  acl: [{ path: "/", type: "user", ugid: "joe@pve", roleid: "PVEAuditor", propagate: true }],
  secondFactors: [{ userid: "joe@pve", entries: [{ id: "totp1", type: "totp", enable: true }] }],
  firewall: { enable: true },
  certificates: [{ node: "pve1", certificates: [certificate()] }],
};

const users = (details: Partial<User>): SecurityFacts => ({ ...healthy, users: [user(details)] });
const token = (expire: number, privsep = true): SecurityFacts =>
  users({ tokens: [{ tokenid: "backup", privsep, expire }] });
const entry = (details: Partial<AclEntry>): SecurityFacts => ({
  ...healthy,
  acl: [
    { path: "/", type: "user", ugid: "joe@pve", roleid: "PVEAuditor", propagate: true, ...details },
  ],
});
const served = (...certificates: NodeCertificate[]): SecurityFacts => ({
  ...healthy,
  certificates: [{ node: "pve1", certificates }],
});
const self = (details: Partial<Self>): SecurityFacts => ({
  ...healthy,
  self: { ...SELF, ...details },
});

export const SECURITY: Suite<SecurityFacts> = {
  rules: SECURITY_RULES,
  healthy,
  cases: {
    "token.without-privilege-separation": {
      finds: token(LATER, false),
      subjects: ["token/joe@pve!backup"],
      says: /all rights of its user/,
      // An expired one opens nothing.
      passes: token(NOW - DAY, false),
    },
    "token.without-expiry": {
      finds: token(0),
      subjects: ["token/joe@pve!backup"],
      says: /never expires/,
      passes: token(LATER),
    },
    "token.expired": {
      finds: token(NOW - 3 * DAY),
      subjects: ["token/joe@pve!backup"],
      says: /expired 3 days ago/,
      passes: token(NOW + 1),
    },
    "token.expires-soon": {
      finds: token(NOW + 14 * DAY - 1),
      subjects: ["token/joe@pve!backup"],
      says: /expires in 13 days/,
      passes: token(NOW + 14 * DAY),
      alsoPass: [
        token(0),
        token(NOW - DAY),
        users({ enable: false, tokens: [{ tokenid: "x", privsep: true, expire: NOW + DAY }] }),
      ],
    },
    "token.administrator": {
      finds: entry({ type: "token", ugid: "joe@pve!backup", roleid: "Administrator" }),
      subjects: ["token/joe@pve!backup"],
      says: /role Administrator on \//,
      passes: entry({ type: "token", roleid: "Administrator", path: "/vms/100" }),
    },
    "user.administrator": {
      finds: entry({ type: "group", ugid: "admins", roleid: "Administrator" }),
      subjects: ["group/admins"],
      says: /Group admins has the role Administrator/,
      passes: entry({ type: "token", roleid: "Administrator" }),
    },
    "user.without-second-factor": {
      // Recovery keys alone are what is left of one.
      finds: {
        ...healthy,
        secondFactors: [
          {
            userid: "joe@pve",
            entries: [
              { id: "totp1", type: "totp", enable: false },
              { id: "recovery", type: "recovery", enable: true },
            ],
          },
        ],
      },
      subjects: ["user/joe@pve"],
      says: /no second factor/,
      passes: {
        ...healthy,
        users: [user({ enable: false, tokens: [] }), user({ "realm-type": "openid" })],
        secondFactors: [],
        acl: [],
      },
    },
    "user.inactive-with-rights": {
      finds: users({ enable: false }),
      subjects: ["user/joe@pve"],
      says: /joe@pve is disabled and has 1 right: PVEAuditor on \//,
      passes: { ...users({ enable: false }), acl: [] },
      alsoPass: [
        { ...entry({ ugid: "ann@pve" }), users: [user({ enable: false })] },
        { ...entry({ type: "group", ugid: "joe@pve" }), users: [user({ enable: false })] },
      ],
    },
    "firewall.off": {
      finds: { ...healthy, firewall: { enable: false } },
      subjects: ["cluster"],
      says: /firewall is off/,
      passes: healthy,
    },
    "certificate.expired": {
      finds: served(certificate({ notafter: NOW - 2 * DAY })),
      subjects: ["node/pve1"],
      says: /pveproxy-ssl\.pem of node pve1 expired 2 days ago/,
      // Not the one that is served.
      passes: served(
        certificate(),
        certificate({ filename: "/etc/pve/nodes/pve1/pve-ssl.pem", notafter: NOW - DAY }),
      ),
    },
    "certificate.expires-soon": {
      finds: served(certificate({ notafter: NOW + 30 * DAY - 1 })),
      subjects: ["node/pve1"],
      says: /expires in 29 days/,
      passes: served(certificate({ notafter: NOW + 30 * DAY })),
      alsoPass: [
        served(certificate({ notafter: NOW })),
        served(certificate({ notafter: undefined })),
      ],
    },
    "certificate.self-signed": {
      finds: served(
        certificate({
          filename: "/etc/pve/nodes/pve1/pve-ssl.pem",
          issuer: "/CN=Proxmox Virtual Environment/OU=0123/O=PVE Cluster Manager CA",
        }),
      ),
      subjects: ["node/pve1"],
      says: /pve-ssl\.pem of node pve1 is signed by .*PVE Cluster Manager CA/,
      passes: healthy,
    },
    "server.root": {
      finds: self({ user: "root@pam" }),
      subjects: ["token/root@pam!server"],
      says: /uses token server of root@pam/,
      passes: self({ user: "root@pve" }),
    },
    "server.password": {
      finds: self({ token: undefined }),
      subjects: ["user/mcp@pve"],
      says: /logs in with the password of mcp@pve/,
      passes: healthy,
    },
    "server.tls-unchecked": {
      finds: self({ tls: "unverified" }),
      subjects: ["server"],
      says: /takes any certificate/,
      passes: self({ tls: "fingerprint" }),
    },
    "server.excess-privileges": {
      finds: {
        ...healthy,
        granted: {
          "/": { "Sys.Audit": true },
          "/vms": { "VM.Audit": true, "VM.PowerMgmt": true, "VM.GuestAgent.Unrestricted": true },
        },
      },
      subjects: ["token/mcp@pve!server"],
      says: /2 privileges that its tools do not need: VM\.GuestAgent\.Unrestricted, VM\.PowerMgmt/,
      // The config allows commands in guests.
      passes: {
        ...self({ mayRunCommands: true }),
        granted: { "/vms": { "VM.Audit": true, "VM.GuestAgent.Unrestricted": true } },
      },
    },
  },
};
