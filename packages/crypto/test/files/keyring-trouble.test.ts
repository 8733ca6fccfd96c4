import { expect, it } from "vitest";
import { troubleOf } from "../../src/files/keyring-trouble.ts";

const KEY = `${"EXAMPLE_key_".repeat(3)}EXAMPLE=`;

// As the package and the D-Bus library say it.
it.each([
  [
    "Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead",
    "there is no D-Bus session, through which keyrings are reached",
  ],
  [
    "Platform failure: DBus error: Failed to connect to socket /run/user/1000/bus: No such file or directory",
    "there is no D-Bus session, through which keyrings are reached",
  ],
  [
    "Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files",
    "no keyring runs in this session",
  ],
  [
    "Couldn't access platform storage: Secret Service: unlock prompt was dismissed",
    "the keyring is locked",
  ],
  ["Couldn't access platform storage: Secret Service: object locked", "the keyring is locked"],
  ["Couldn't access platform storage: User interaction is not allowed.", "the keyring is locked"],
  [
    "Couldn't access platform storage: DBus error: Did not receive a reply. Possible causes include: the remote application did not send a reply",
    "the keyring does not answer",
  ],
  [
    "Couldn't access platform storage: Secret Service: no result found",
    "there is no keyring to store in",
  ],
  ["Entry is matched by multiple credentials", "the keyring holds several entries of this name"],
  ["A strange\nthing happened.", "the keyring failed: A strange thing happened"],
  [`It said ${"more ".repeat(100)}.`, `the keyring failed: It said ${"more ".repeat(38)}mo…`],
  [`cannot store ${KEY}`, "the keyring failed: cannot store [key-shaped text]"],
])("%s", (reason, trouble) => {
  const found = troubleOf({ kind: "refused", reason });
  expect(found.trouble).toBe(trouble);
  expect(found.hint).not.toBe("");
});
