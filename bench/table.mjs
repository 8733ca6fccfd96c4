// Rows of the result, and the table of them as Markdown.

/** A measurement that shall not exceed its goal. `unit` is written behind both. */
export function atMost(name, value, goal, unit = "") {
  return row(name, value, unit, `<= ${goal}${unit}`, value <= goal);
}

/** A measurement that shall reach its goal. */
export function atLeast(name, value, goal, unit = "") {
  return row(name, value, unit, `>= ${goal}${unit}`, value >= goal);
}

/** A measurement without a goal, to make sense of the others. */
export function fact(name, value, unit = "") {
  return { cells: [name, format(value, unit), "", ""] };
}

/** Something that could not be measured here, and why. */
export function notMeasured(name, reason) {
  return { cells: [name, reason, "", ""] };
}

/** The rows as a Markdown table. */
export function formatTable(rows) {
  const head = ["case", "measured", "goal", "met"];
  const lines = [head, ...rows.map(({ cells }) => cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const [first, ...rest] = lines.map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [first, rule, ...rest].join("\n");
}

function row(name, value, unit, goal, isMet) {
  return { cells: [name, format(value, unit), goal, isMet ? "yes" : "no"] };
}

function format(value, unit) {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit}`;
}
