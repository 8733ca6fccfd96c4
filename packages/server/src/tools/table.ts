/** Rows of text in columns, for people. */

/** What stands in a cell; nothing is a dash. */
export type Cell = string | number | null | undefined;

/** Aligned columns below a heading. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [heading, ...rows.map((row) => row.map(cellText))];
  const widths = heading.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Names and values, one to a line. */
export function lines(entries: readonly (readonly [name: string, value: Cell])[]): string {
  return entries.map(([name, value]) => `${name}: ${cellText(value)}`).join("\n");
}

function cellText(cell: Cell): string {
  return cell === null || cell === undefined || cell === "" ? "-" : String(cell);
}
