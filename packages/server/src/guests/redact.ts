/** Keeping the secrets of guests out of what is shown of them. */

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

// cipassword, sshkeys, env of containers, and whatever a later release may call its own.
const SECRET_OPTION =
  /pass(?:word|wd)?$|^pass|secret|sshkey|private|credential|token|api_?key|^env$/i;

// As in a note or in extra arguments of QEMU. Rather too much than too little.
const SECRET_PARTS: readonly [pattern: RegExp, shown: string][] = [
  [
    /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|\bdata)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi,
    `$1${REDACTED}`,
  ],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, `$1${REDACTED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
];

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

/** A text less what follows words such as `password=`, less passwords in URLs and private keys. */
export function redactText<Value extends string | number | undefined>(
  value: Value,
): Value | string {
  if (typeof value !== "string") return value;
  return SECRET_PARTS.reduce<string>((text, [part, shown]) => text.replace(part, shown), value);
}
