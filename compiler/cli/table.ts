import { stripVTControlCharacters } from "node:util";

/** Rows of cells in columns, the first aligned left and the others right, but for a last column of words. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = head.some((cell) => cell !== "") ? [head, ...rows] : rows;
  const length = (cell: string): number => stripVTControlCharacters(cell).length;
  const widths = head.map((_, k) => Math.max(...all.map((row) => length(row[k]))));
  return all.map((row) => row.map((cell, k) => {
    const space = " ".repeat(widths[k] - length(cell));
    return k === 0 || k === row.length - 1 ? cell + space : space + cell;
  }).join("  ").trimEnd()).map((line) => `  ${line}`).join("\n");
}
