/** A strict reader of the Prometheus text format, as far as gauges need it. */

const NAME = "[a-zA-Z_][a-zA-Z0-9_]*";
const LABEL = `${NAME}="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})((?:\\{${LABEL}(?:,${LABEL})*\\})?) (-?\\d+(?:\\.\\d+)?)$`);
const HELP = new RegExp(`^# HELP (${NAME}) (?:[^\\\\]|\\\\[\\\\n])*$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) gauge$`);

/**
 * Reads a text. @returns the values by series, spelled as in the text.
 *
 * @throws Error for what a collector refuses: another syntax, two types or a second group of a metric, a
 * series that is there twice.
 */
export function parseExposition(text: string): Map<string, number> {
  const series = new Map<string, number>();
  const seen = new Set<string>();
  let help: string | undefined;
  let current: string | undefined;
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  for (const line of text.split("\n").slice(0, -1)) {
    const [, helped] = HELP.exec(line) ?? [];
    const [, typed] = TYPE.exec(line) ?? [];
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (helped !== undefined) {
      if (seen.has(helped)) throw new Error(`twice: ${helped}`);
      seen.add(helped);
      help = helped;
    } else if (typed !== undefined) {
      if (typed !== help) throw new Error(`type without help: ${typed}`);
      current = typed;
    } else if (name !== undefined) {
      if (name !== current) throw new Error(`sample without type: ${name}`);
      if (series.has(name + labels)) throw new Error(`twice: ${name}${labels}`);
      series.set(name + labels, Number(value));
    } else {
      throw new Error(`no line of this format: ${line}`);
    }
  }
  return series;
}
