/** Tables for people. */
import { printable } from "@proxmox-mcp/crypto/internal";
import type { Style } from "./style.ts";

/** One cell: what it says and how it looks. */
export interface Cell {
  readonly text: string;
  readonly look?: keyof Style;
}

/** Aligns columns by their widest cell. The last column is not padded. */
export function renderTable(table: readonly (readonly Cell[])[], style: Style): string {
  const rows = table.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, { text }] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, text.length);
    }
  }
  return rows.map((row) => `  ${renderRow(row, widths, style)}\n`).join("");
}

function renderRow(row: readonly Cell[], widths: readonly number[], style: Style): string {
  return row
    .map(({ text, look }, index) => {
      const padded = index === row.length - 1 ? text : text.padEnd(widths[index] ?? 0);
      return look === undefined ? padded : style[look](padded);
    })
    .join("  ");
}
