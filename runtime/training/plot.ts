const blocks = "▁▂▃▄▅▆▇█";

/** Least and greatest. A loop: a long series has more values than a call can have arguments. */
const extent = (values: readonly number[]): [number, number] =>
  values.reduce<[number, number]>(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);

/** Numbers as a line of blocks, `▇▅▃▂▁`, at most `width` of them (neighbours are averaged). NaN and infinities show as `·`. */
export function sparkline(values: readonly number[], width = 60): string {
  const shown = values.length <= width ? values : Array.from({ length: width }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
  const [low, high] = extent(shown.filter(Number.isFinite));
  return shown.map((v) => (Number.isFinite(v) ? blocks[high === low ? 0 : Math.round(((v - low) / (high - low)) * 7)] : "·")).join("");
}

export interface PlotOptions {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly width?: number;
  readonly height?: number;
  /** A logarithmic y axis; every value must be above 0. */
  readonly log?: boolean;
}

/** A curve: y values over 1, 2, 3, …, or over the x values given. */
export type Series = readonly number[] | { readonly x: readonly number[]; readonly y: readonly number[] };

const colours = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"];
const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Round numbers that cover a range: 1, 2 or 5 times a power of ten apart. */
function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw)!;
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  // a range so small that its steps vanish beside its values has but its ends
  if (!(last > first) || low + step === low) return low === high ? [low] : [low, high];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
/** Powers of ten in a range, thinned to `count`; its ends where it has fewer than two. */
function powers(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  if (last <= first) return low === high ? [low] : [low, high];
  const step = Math.ceil((last - first) / count);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (first + i * step));
}
const label = (v: number): string => (v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential(0) : String(Number(v.toPrecision(4))));

/**
 * Curves as a self-contained SVG with axes, ticks and a legend. Values that are not finite are gaps in their curve.
 * Throws where there is nothing finite to draw, where x and y differ in length, and for a logarithmic axis with values
 * of 0 or below.
 */
export function linePlot(curves: Readonly<Record<string, Series>>, { title = "", xLabel = "", yLabel = "", width = 640, height = 360, log = false }: PlotOptions = {}): string {
  const lines = Object.entries(curves).map(([name, s]) => {
    const y = "y" in s ? s.y : s, x = "y" in s ? s.x : y.map((_, i) => i + 1);
    if (x.length !== y.length) throw new Error(`the curve "${name}" has ${x.length} x values and ${y.length} y values`);
    return { name, points: y.map((v, i) => [x[i], v] as const) };
  });
  const finite = lines.flatMap((l) => l.points).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length === 0) throw new Error("there is nothing to plot: no curve has a finite value");
  if (log && finite.some(([, y]) => y <= 0)) throw new Error("a logarithmic axis cannot show values of 0 or below");
  const [x0, x1] = extent(finite.map((p) => p[0])), [y0, y1] = extent(finite.map((p) => p[1]));
  const left = 64, right = 16, top = title ? 36 : 16, bottom = xLabel ? 48 : 32;
  const scale = (v: number, low: number, high: number): number => (high === low ? 0.5 : (v - low) / (high - low));
  const px = (x: number): number => left + scale(x, x0, x1) * (width - left - right);
  const py = (y: number): number => height - bottom - (log ? scale(Math.log(y), Math.log(y0), Math.log(y1)) : scale(y, y0, y1)) * (height - top - bottom);
  const text = (x: number, y: number, s: string, more = ""): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more}>${escape(s)}</text>`;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#374151">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
  ];
  if (title) out.push(text(width / 2, 22, title, ` text-anchor="middle" font-size="15"`));
  for (const t of log ? powers(y0, y1, 8) : ticks(y0, y1, 5)) {
    out.push(`<line x1="${left}" x2="${width - right}" y1="${py(t).toFixed(1)}" y2="${py(t).toFixed(1)}" stroke="#e5e7eb"/>`);
    out.push(text(left - 8, py(t) + 4, label(t), ` text-anchor="end"`));
  }
  for (const t of ticks(x0, x1, 8)) out.push(text(px(t), height - bottom + 18, label(t), ` text-anchor="middle"`));
  if (xLabel) out.push(text((left + width - right) / 2, height - 8, xLabel, ` text-anchor="middle"`));
  if (yLabel) out.push(`<text transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(yLabel)}</text>`);
  lines.forEach(({ name, points }, k) => {
    const colour = colours[k % colours.length];
    let path = "", pen = "M";
    for (const [x, y] of points) {
      if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = "M"; continue; }
      path += `${pen}${px(x).toFixed(1)} ${py(y).toFixed(1)}${pen === "M" ? "h0" : ""}`; // h0: a point alone is a dot
      pen = "L";
    }
    out.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`);
    out.push(`<line x1="${width - right - 150}" x2="${width - right - 130}" y1="${top + 12 + k * 18}" y2="${top + 12 + k * 18}" stroke="${colour}" stroke-width="3"/>`);
    out.push(text(width - right - 124, top + 16 + k * 18, name));
  });
  return [...out, "</svg>"].join("\n");
}
