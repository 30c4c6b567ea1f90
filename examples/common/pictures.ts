/** Pictures as self-contained SVGs, beside the line plots of `chainrule/runtime`. */

/** A grid of cells, each of one colour; `colour` says which, by column and row. */
export function cells(columns: number, rows: number, size: number, colour: (column: number, row: number) => string): string {
  const rects = Array.from({ length: rows * columns }, (_, i) => {
    const x = i % columns, y = Math.floor(i / columns);
    return `<rect x="${x * size}" y="${y * size}" width="${size}" height="${size}" fill="${colour(x, y)}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * size} ${rows * size}" width="${columns * size}" height="${rows * size}" shape-rendering="crispEdges">\n${rects.join("\n")}\n</svg>`;
}

/** From white (0) to black (1). */
export function grey(value: number): string {
  const level = Math.round(255 * (1 - Math.min(1, Math.max(0, value))));
  return `rgb(${level},${level},${level})`;
}

/** Grey images of 8×8 pixels, `[…, 64]`, from 0 (white) to 1 (black), so many beside each other, one pixel apart. */
export function images(pixels: ArrayLike<number>, columns: number, size = 6): string {
  const rows = Math.ceil(pixels.length / 64 / columns);
  return cells(9 * columns - 1, 9 * rows - 1, size, (x, y) => {
    if (x % 9 === 8 || y % 9 === 8) return "#dbeafe";
    return grey(pixels[64 * (Math.floor(y / 9) * columns + Math.floor(x / 9)) + 8 * (y % 9) + (x % 9)] ?? 0);
  });
}
