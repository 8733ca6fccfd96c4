/**
 * Plans: what a document becomes when its secrets are encrypted, decrypted or set. Pure: text in,
 * text and a report out. Nothing is on disk before a caller writes a plan's text.
 */
import { inBatches } from "./batches.ts";
import type { Document, Value } from "./document/document.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { fieldOf, lookalikeFields, openValue, whereOf } from "./field.ts";
import { finishPlan, type Plan, sealingPlan, withOthers } from "./finish-plan.ts";
import {
  findField,
  locationOf,
  requireEditable,
  requireField,
  requireSealable,
  requireSecret,
} from "./named-field.ts";
import type { Opener, Sealer } from "./secret.ts";
import { type SecretRules, selectSecrets } from "./select.ts";
import { isSealed, isTokenLike } from "./token.ts";
import type { Change } from "./verify-plan.ts";

/** What every plan that seals needs. */
export interface SealingOptions {
  readonly rules: SecretRules;
  readonly sealer: Sealer;
  /** Opens the tokens that are there already; they must open, or the file would need two keys. */
  readonly opener: Opener;
  /** Seal values that hold `${` as they are; they will never be expanded. */
  readonly force?: boolean;
}

/** What `planEncryption` needs. */
export interface EncryptionOptions extends SealingOptions {
  /** Further locations to encrypt: JSON Pointers or `env:NAME`, with `*`. */
  readonly fields?: readonly string[];
  /** Bound tokens of honestly renamed fields, to be sealed again for where they are now. */
  readonly rebind?: readonly Rename[];
}

/** A field that was renamed. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/**
 * Plans to seal every plain secret. Tokens and placeholders stay.
 *
 * @throws ProxmoxMcpError NO_SECRETS, FIELD_NOT_FOUND, SECRET_NOT_STRING, AMBIGUOUS, or what a bad
 * token that is there already gives.
 */
export async function planEncryption(
  document: Document,
  options: EncryptionOptions,
): Promise<Plan> {
  const { rules, sealer, opener, rebind = [], force = false } = options;
  const fields = (options.fields ?? []).map((field) => locationOf(document, field));
  for (const field of fields) requireField(document, field, rules);
  const selection = selectSecrets(document, {
    ...rules,
    locations: [...rules.locations, ...fields],
  });
  if (selection.secrets.length === 0) {
    throw new ProxmoxMcpError("NO_SECRETS", "no secret field was found", {
      hint: "name the values to encrypt with --field, for example --field /service/password",
    });
  }
  const renames = renamesOf(document, rebind, rules);
  const plaintexts = new Map<Value, string>();
  const kept: Value[] = [];
  for (const value of selection.secrets) {
    const rename = renames.get(value);
    if (rename !== undefined) {
      plaintexts.set(
        value,
        (await openValue(document, value, opener, locationOf(document, rename.from))).plaintext,
      );
    } else if (isToSeal(document, value, force)) {
      plaintexts.set(value, value.text);
    } else {
      kept.push(value);
    }
  }
  await openAll(document, kept, opener);
  return sealingPlan(document, sealer, plaintexts, () => ({
    kept,
    lookalikes: lookalikeFields(document, selection),
  }));
}

/**
 * Plans to open every token of a document, whatever its field, but in those that the rules never seal.
 *
 * @throws ProxmoxMcpError AMBIGUOUS; as `Opener.open`, with the place of the first bad token;
 * PLACEHOLDER for a plaintext with `${`, which a loader would expand, unless forced.
 */
export async function planDecryption(
  document: Document,
  options: { readonly rules: SecretRules; readonly opener: Opener; readonly force?: boolean },
): Promise<Plan> {
  const selection = selectSecrets(document, options.rules);
  const { secrets } = selection;
  const lookalikes = lookalikeFields(document, selection);
  const sealed = secrets.filter((value) => value.kind === "string" && isTokenLike(value.text));
  for (const value of sealed) requireEditable(document, value);
  const opened = await openAll(document, sealed, options.opener);
  const changes = [...opened].map(([value, newText]): Change => {
    if (newText.includes("${") && options.force !== true) {
      throw new ProxmoxMcpError(
        "PLACEHOLDER",
        "the decrypted value holds `${`, which loaders expand",
        {
          where: whereOf(document, value),
          hint: "decrypt this field alone with --field, or write it anyway with --force",
        },
      );
    }
    return { value, newText, plaintext: undefined };
  });
  const kept = secrets.filter((value) => !opened.has(value));
  return finishPlan(document, changes, () => ({ kept, lookalikes }));
}

/**
 * Plans to seal a new value for one field.
 *
 * @param location the field's JSON Pointer, `env:NAME`, or in a .env file its bare name.
 * @throws ProxmoxMcpError FIELD_NOT_FOUND, SECRET_NOT_STRING, AMBIGUOUS, PLACEHOLDER, USAGE for an
 * empty value, or what a bad token elsewhere in the document gives.
 */
export async function planSet(
  document: Document,
  location: string,
  plaintext: string,
  options: SealingOptions,
): Promise<Plan> {
  const { rules, sealer, opener, force = false } = options;
  const value = findField(document, location);
  requireEditable(document, value);
  requireSecret(document, value, rules, force);
  requireSealable(plaintext, document, value, force);
  const selection = selectSecrets(document, rules);
  const kept = selection.secrets.filter((other) => other !== value);
  const lookalikes = lookalikeFields(document, selection);
  await openAll(document, kept, opener);
  return sealingPlan(document, sealer, new Map([[value, plaintext]]), () => ({
    kept,
    lookalikes,
  }));
}

function isToSeal(document: Document, value: Value, force: boolean): boolean {
  if (isTokenLike(value.text)) return false;
  if (value.text.includes("${") && !force) return false;
  requireEditable(document, value);
  return true;
}

function renamesOf(
  document: Document,
  rebind: readonly Rename[],
  rules: SecretRules,
): ReadonlyMap<Value, Rename> {
  return new Map(
    rebind.map((rename) => {
      const value = findField(document, rename.to);
      requireEditable(document, value);
      if (!isSealed(fieldOf(document, value).state)) {
        throw new ProxmoxMcpError("USAGE", `--rebind names ${rename.to}, which holds no token`, {
          where: whereOf(document, value),
          hint: "write --rebind OLD=NEW, where NEW is the field as it is called now",
        });
      }
      requireSecret(document, value, rules, false);
      return [value, rename] as const;
    }),
  );
}

/** Opens all tokens among values. Every failure is looked for; the first is thrown and counts the rest. */
async function openAll(
  document: Document,
  values: readonly Value[],
  opener: Opener,
): Promise<ReadonlyMap<Value, string>> {
  const sealed = values.filter((value) => value.kind === "string" && isTokenLike(value.text));
  const results = await inBatches(sealed, async (value) => {
    try {
      return { opened: [value, (await openValue(document, value, opener)).plaintext] as const };
    } catch (failure) {
      return { failure };
    }
  });
  const failures = results.flatMap((result) => ("failure" in result ? [result.failure] : []));
  if (failures.length > 0) throw withOthers(failures);
  return new Map(results.flatMap((result) => ("opened" in result ? [result.opened] : [])));
}
