/** Keeping the secrets of guests out of what is shown of them. */
import { REDACTED, redactText } from "../proxmox/redact.ts";

// cipassword, sshkeys, env of containers, and whatever a later release may call its own.
const SECRET_OPTION =
  /pass(?:word|wd)?$|^pass|secret|sshkey|private|credential|token|api_?key|^env$/i;

/** The options of a guest, with secrets replaced, and the names of those that held one. */
export function redactOptions(options: Readonly<Record<string, string | number>>): {
  readonly options: Record<string, string | number>;
  readonly redacted: readonly string[];
} {
  const redacted: string[] = [];
  const entries = Object.entries(options).map(([name, value]) => {
    const shown = SECRET_OPTION.test(name) ? REDACTED : redactText(value);
    if (shown !== value) redacted.push(name);
    return [name, shown] as const;
  });
  return { options: Object.fromEntries(entries), redacted };
}
