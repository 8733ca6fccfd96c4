/** Looks for secrets in what a tool gives away: whole or in part, and in the spellings that texts have. */

const SHORTEST = 12;

/** @returns a function that finds every spelling of the marks of which a text holds 12 characters. */
export function leakDetector(marks: Readonly<Record<string, string | Buffer>>): LeakDetector {
  const parts = new Map<string, string>();
  for (const [name, mark] of Object.entries(marks)) {
    for (const [spelling, text] of Object.entries(spellings(Buffer.from(mark)))) {
      for (let start = 0; start + SHORTEST <= text.length; start += 1) {
        parts.set(text.slice(start, start + SHORTEST), `${name}, ${spelling}`);
      }
    }
  }
  return (text) => {
    const found = new Set<string>();
    for (let start = 0; start + SHORTEST <= text.length; start += 1) {
      const leak = parts.get(text.slice(start, start + SHORTEST));
      if (leak !== undefined) found.add(leak);
    }
    return [...found];
  };
}

/** Names of the leaks in a text, empty where there is none. */
export type LeakDetector = (text: string) => readonly string[];

function spellings(bytes: Buffer): Record<string, string> {
  const text = bytes.toString("utf8");
  const json = JSON.stringify(text).slice(1, -1);
  const hex = bytes.toString("hex");
  return {
    "as it is": text,
    "as bytes": bytes.toString("latin1"),
    reversed: [...text].reverse().join(""),
    "escaped for JSON": json,
    "escaped for JSON, twice": JSON.stringify(json).slice(1, -1),
    "escaped for JSON, in ASCII": json.replace(
      /[^\x20-\x7e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
    "escaped for a URL": encodeURIComponent(text),
    "escaped for a form": new URLSearchParams([["", text]]).toString().slice(1),
    "in hex": hex,
    "in HEX": hex.toUpperCase(),
    ...base64At(bytes, 0),
    ...base64At(bytes, 1),
    ...base64At(bytes, 2),
  };
}

// Base64 of a longer text that holds the mark: its spelling depends on what stands ahead of it.
function base64At(bytes: Buffer, offset: number): Record<string, string> {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const cut = (text: string) => text.replace(/=+$/, "").slice(offset === 0 ? 0 : 4, -1);
  return {
    [`in base64 (${offset})`]: cut(padded.toString("base64")),
    [`in base64url (${offset})`]: cut(padded.toString("base64url")),
  };
}
