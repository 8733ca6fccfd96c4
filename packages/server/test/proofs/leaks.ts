/** Looks for secrets in what the server gives away: whole or in part, in the spellings that texts have. */

/** Characters of a secret that nobody writes by chance; of hex digits it takes more. */
const SHORTEST = 8;
const SHORTEST_HEX = 12;

/** Names of the leaks in a text, empty where there is none. */
export type LeakDetector = (text: string) => readonly string[];

/** Finds every spelling of the marks of which a text holds a part. */
export function leakDetector(marks: Readonly<Record<string, string | Buffer>>): LeakDetector {
  const parts = new Map<string, string>();
  for (const [name, mark] of Object.entries(marks)) {
    for (const [spelling, text] of Object.entries(spellings(Buffer.from(mark)))) {
      const size = lengthFor(spelling);
      for (const part of partsOf(text, size)) parts.set(part, `${name}, ${spelling}: ${part}`);
    }
  }
  return (text) => {
    const found = new Set<string>();
    for (const size of [SHORTEST, SHORTEST_HEX]) {
      for (const part of partsOf(text, size)) {
        const leak = parts.get(part);
        if (leak !== undefined) found.add(leak);
      }
    }
    return [...found];
  };
}

function lengthFor(spelling: string): number {
  return spelling.startsWith("in hex") ? SHORTEST_HEX : SHORTEST;
}

function* partsOf(text: string, size: number): Generator<string> {
  for (let start = 0; start + size <= text.length; start += 1) {
    yield text.slice(start, start + size);
  }
}

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
    "escaped for a URL": encodeURIComponent(text),
    "escaped for a URL, every character": hex.replace(/../g, "%$&").toUpperCase(),
    "escaped for a form": new URLSearchParams([["", text]]).toString().slice(1),
    "as a list of bytes": [...bytes].join(","),
    "in hex": hex,
    "in hex, upper case": hex.toUpperCase(),
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
    [`base64 (${offset})`]: cut(padded.toString("base64")),
    [`base64url (${offset})`]: cut(padded.toString("base64url")),
  };
}
