/** How every plan ends: the edits become a new text, with a report and a check to take along. */
import { inBatches } from "./batches.ts";
import type { Document, Value } from "./document/document.ts";
import { applyEdits, type Edit } from "./document/edit.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { fieldOf, type SecretField } from "./field.ts";
import type { Sealer } from "./secret.ts";
import { type Change, verifyPlan } from "./verify-plan.ts";

/** A new text for a document, not yet written anywhere. Its lists are made when they are asked for. */
export interface Plan {
  /** The whole new text; equal to the old one where nothing changes. */
  readonly text: string;
  /** Fields that change, in their old state. */
  readonly changed: readonly SecretField[];
  /** Secret fields that stay as they are: tokens and placeholders. */
  readonly kept: readonly SecretField[];
  /** Values that look like secrets, that no rule names, and that stay plain; master keys, too. */
  readonly lookalikes: readonly SecretField[];
  /**
   * Checks a text that was read back: it is this plan's text, parses to the same values as the old
   * document but for the changed ones, and every new token opens to its plaintext, for our own
   * implementation and for npm `fernet`.
   *
   * @throws ProxmoxMcpError UNEXPECTED where anything differs.
   */
  verify(text: string): Promise<void>;
}

/** What stays as it is, for the report. */
interface Rest {
  readonly kept: readonly Value[];
  readonly lookalikes: readonly SecretField[];
}

/** A plan that seals these plaintexts in the places of their values. */
export async function sealingPlan(
  document: Document,
  sealer: Sealer,
  plaintexts: ReadonlyMap<Value, string>,
  restOf: () => Rest,
): Promise<Plan> {
  const changes = await inBatches(
    [...plaintexts],
    async ([value, plaintext]): Promise<Change> => ({
      value,
      newText: await sealer.seal(plaintext, value.location),
      plaintext,
    }),
  );
  return finishPlan(document, changes, restOf, sealer);
}

/**
 * A plan of these changes; `sealer` made the new tokens among them.
 *
 * @param restOf is called once, when somebody asks: a rotation of ten thousand files never does.
 */
export function finishPlan(
  document: Document,
  changes: readonly Change[],
  restOf: () => Rest,
  sealer?: Sealer,
): Plan {
  const edits = changes.map(({ value, newText }): Edit => {
    const { start, end } = value;
    return { start, end, replacement: document.spell(value, newText) };
  });
  const text = applyEdits(document.text, edits);
  const changed = lazy(() => changes.map(({ value }) => fieldOf(document, value)));
  const rest = lazy(restOf);
  const kept = lazy(() => rest().kept.map((value) => fieldOf(document, value)));
  return {
    text,
    get changed() {
      return changed();
    },
    get kept() {
      return kept();
    },
    get lookalikes() {
      return rest().lookalikes;
    },
    verify: (readBack) => verifyPlan({ document, text, changes, sealer }, readBack),
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The first of several failures, with the count of the others in its message. */
export function withOthers(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures;
  if (!(first instanceof ProxmoxMcpError) || others.length === 0) return first;
  const count = others.length === 1 ? "one more field fails" : `${others.length} more fields fail`;
  return new ProxmoxMcpError(first.code, `${first.message} (${count} as well)`, {
    where: first.where,
    hint: first.hint,
    cause: first,
  });
}
