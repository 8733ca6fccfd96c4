/** Plain YAML scalars: which of them every reader takes for a string. */

const WORD = /^(?:~|null|y|n|yes|no|on|off|true|false|=|<<)?$/i;
const NUMBER =
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|(?=[.\d])[\d_,]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\d[\d_,]*(?::[0-5]?\d)+(?:\.[\d_]*)?|\.inf|\.nan)$/i;
const DATE = /^\d{4}-\d\d?-\d\d?(?:[Tt \t].*)?$/s;

/**
 * Whether every reader takes this plain scalar for a string: none of YAML 1.1, YAML 1.2, PyYAML,
 * Psych or go-yaml resolves it to something else.
 */
export function isPlainString(text: string): boolean {
  return !(WORD.test(text) || NUMBER.test(text) || DATE.test(text));
}

/** Whether YAML 1.1 and 1.2 give this plain number the same value: decimal, and without tricks. */
export function isPlainNumber(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text);
}
