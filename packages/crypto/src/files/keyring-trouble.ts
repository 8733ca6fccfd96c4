/** Why a keyring gave no answer, in words. */
import { stripVTControlCharacters } from "node:util";
import { redactKeys } from "../key/key-shape.ts";

/** One trouble: a clause, and the way out. */
export interface KeyringTrouble {
  readonly trouble: string;
  readonly hint: string;
}

/** What is known of it. */
export type KeyringFailure =
  | { readonly kind: "not installed" }
  /** The program that asks the keyring did not come to its end. */
  | { readonly kind: "broken"; readonly trouble: string }
  /** The keyring, or the way to it, refused. */
  | { readonly kind: "refused"; readonly reason: string };

const MAX_REASON = 200;
const ELSEWHERE =
  "on a machine without a desktop keep the key in a file (PROXMOX_MCP_MASTER_KEY_FILE)";

// By what the D-Bus library and the package say of them; both speak English only.
const KNOWN: readonly (KeyringTrouble & { readonly said: RegExp })[] = [
  {
    said: /autolaunch|DBUS_SESSION_BUS_ADDRESS|Failed to connect to socket|D-Bus library|NoServer/i,
    trouble: "there is no D-Bus session, through which keyrings are reached",
    hint: `run it in the desktop session of the keyring's owner; ${ELSEWHERE}`,
  },
  {
    said: /not provided by any \.service|ServiceUnknown|NameHasNoOwner|Spawn\.|exited with status/i,
    trouble: "no keyring runs in this session",
    hint: `start GNOME Keyring, KWallet or KeePassXC; ${ELSEWHERE}`,
  },
  {
    said: /did not receive a reply|timed? ?out|NoReply/i,
    trouble: "the keyring does not answer",
    hint: "see whether it waits for a password, or start it again, then run the command again",
  },
  {
    said: /dismissed|locked|interaction is not allowed/i,
    trouble: "the keyring is locked",
    hint: "unlock it in the desktop session, then run the command again",
  },
  {
    said: /no result found|no default/i,
    trouble: "there is no keyring to store in",
    hint: "make one in a password manager, as the default one, then run the command again",
  },
  {
    said: /ambiguous|matched by multiple|more than one/i,
    trouble: "the keyring holds several entries of this name",
    hint: "delete in a password manager those that hold no key of yours; their service is proxmox-mcp",
  },
];

/** Says in words what is wrong. Nothing that has the shape of a key is in it. */
export function troubleOf(failure: KeyringFailure): KeyringTrouble {
  switch (failure.kind) {
    case "not installed":
      return {
        trouble: "the package @napi-rs/keyring, which --keyring needs, is not installed",
        hint: "install it beside this program: npm install --global @napi-rs/keyring@2, or without --global where the program is a dependency of a project",
      };
    case "broken":
      return {
        trouble: `the program that asks the keyring ${failure.trouble}`,
        hint: "see whether the keyring waits for a password, then run the command again",
      };
    case "refused":
      return KNOWN.find(({ said }) => said.test(failure.reason)) ?? unknown(failure.reason);
  }
}

function unknown(reason: string): KeyringTrouble {
  const line = stripVTControlCharacters(reason).replace(/\s+/g, " ").trim();
  const cut = line.length > MAX_REASON ? `${line.slice(0, MAX_REASON)}…` : line;
  return {
    trouble: `the keyring failed: ${redactKeys(cut).replace(/\.+$/, "")}`,
    hint: "mend what it says, then run the command again",
  };
}
