/** A secret in memory that cannot be printed by accident. */

const REDACTED = "[redacted]";

/**
 * Holds a secret text. Every way of printing it (String(), a template, JSON, console, util.inspect)
 * shows `[redacted]`; only `reveal` gives it out.
 */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret: for the one place that sends it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  static {
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    Object.defineProperty(SecretText.prototype, inspect, { value: () => REDACTED });
  }
}
