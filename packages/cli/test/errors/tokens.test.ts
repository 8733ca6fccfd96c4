/** Tokens that are broken, or not where they belong. */
import { describe } from "vitest";
import { BOUND, config, corrupted, ELSEWHERE, PLACE, vectors } from "../material.ts";
import { type BadInput, refuses } from "./refusal.ts";

const COMMANDS = [
  ["encrypt", ["encrypt", "sealed.json", "--in-place"]],
  ["decrypt", ["decrypt", "sealed.json"]],
  ["decrypt --field", ["decrypt", "sealed.json", "--field", "/auth/token_value"]],
] as const;

function token(expect: string): string {
  const found = vectors.bad.find((vector) => vector.expect === expect);
  if (found === undefined) throw new Error(`no vector for ${expect}`);
  return found.token;
}

const sealed = (text: string) => ({ "sealed.json": config(text) });
const place = { file: "sealed.json", ...PLACE };

describe.each(COMMANDS)("%s of a token", (_, run) => {
  const bad = (
    what: string,
    text: string,
    expected: Pick<BadInput, "status" | "code" | "says" | "wayOut">,
  ): BadInput => ({ what, given: sealed(text), run, place, ...expected });
  const malformed = {
    status: 6,
    code: "TOKEN_MALFORMED",
    says: /Invalid encrypted token format/,
    wayOut: /set FILE FIELD/,
  } as const;
  refuses([
    bad("that is cut off", BOUND.token.slice(0, -20), malformed),
    bad("with white space ahead", ` ${BOUND.token}`, malformed),
    bad("in capitals", BOUND.token.replace("enc:", "ENC:"), malformed),
    bad("of three parts", `${BOUND.token}:`, malformed),
    bad("of nothing", "enc:", malformed),
    bad("of a newer version", token("newer"), {
      status: 6,
      code: "TOKEN_NEWER",
      says: /a newer version of this tool/,
      wayOut: /update proxmox-mcp/,
    }),
    bad("that is corrupted", corrupted(BOUND.token), {
      status: 4,
      code: "NO_KEY_OPENS",
      says: /Token decryption failed/,
      wayOut: /./,
    }),
    bad("that was moved here from another file", ELSEWHERE.token, {
      status: 6,
      code: "TOKEN_MISPLACED",
      says: /found at \/auth\/token_value|sealed for another field/,
      wayOut: /./,
    }),
    bad("that is no text", token("opaque"), {
      status: 6,
      code: "TOKEN_OPAQUE",
      says: /./,
      wayOut: /./,
    }),
  ]);
});

describe("tokens that cost more key derivations than --max-derivations allows", () => {
  const two = config(BOUND.token).replace(
    '"proxmox":',
    `"servers": { "production": { "token_secret": "${ELSEWHERE.token}" } },\n  "proxmox":`,
  );
  const [first, second] = [
    { file: "sealed.json", location: ELSEWHERE.location, line: 2, column: 48 },
    { ...place, line: 7 },
  ];
  // A salt of its own costs one, and the salt that new tokens get another.
  const commands: readonly (readonly [string, readonly string[], object])[] = [
    ["decrypt", ["decrypt", "sealed.json"], second],
    ["encrypt", ["encrypt", "sealed.json", "--in-place"], first],
    ["set", ["set", "sealed.json", PLACE.location, "--generate", "uuid"], first],
  ];
  refuses(
    commands.map(([what, run, where]) => ({
      what: `by ${what}`,
      given: { "sealed.json": two },
      run: [...run, "--max-derivations", "1"],
      status: 5,
      code: "TOO_MANY_DERIVATIONS",
      place: where,
      says: /the document asks for more than 1 key derivations/,
      wayOut: /raise the limit with --max-derivations N/,
    })),
  );
});

describe("a token that was moved inside its document", () => {
  const moved = config(ELSEWHERE.token).replace(
    '"proxmox":',
    '"servers": { "production": { "token_secret": "${SECRET}" } },\n  "proxmox":',
  );
  const expected = {
    given: { "sealed.json": moved },
    status: 6,
    code: "TOKEN_MISPLACED",
    place: { ...place, line: 7 },
    says: /sealed for \/servers\/production\/token_secret, found at \/auth\/token_value/,
    wayOut: /--rebind \/servers\/production\/token_secret=\/auth\/token_value/,
  } as const;
  refuses(COMMANDS.map(([what, run]) => ({ ...expected, what: `by ${what}`, run })));
});
