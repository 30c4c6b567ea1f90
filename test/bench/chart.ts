import { baseOf, type Row } from "./results.ts";
import { digits } from "./table.ts";

/** What a chart takes of a contender. */
export interface Series { readonly name: string; readonly colour: string }

const bar = 10, gap = 16, left = 270, plot = 560, right = 60, top = 74;

/**
 * An SVG with a group of bars for each workload: the time of each contender over that of {@link baseOf}, on a
 * logarithmic axis. To the right of the line at 1 are those who take longer. Its colours suit light and dark pages.
 */
export function barChart(rows: readonly Row[], contenders: readonly Series[]): string {
  const base = baseOf(contenders.map((c) => c.name));
  const others = contenders.filter((c) => c.name !== base);
  const groups = rows.filter((r) => r.medianMs[base] !== undefined)
    .map((r) => ({ title: `${r.id} ${r.title}`, bars: others.flatMap((c) => (r.medianMs[c.name] === undefined ? [] : [{ ...c, ratio: r.medianMs[c.name] / r.medianMs[base] }])) }));
  const exponents = groups.flatMap((g) => g.bars.map((b) => Math.log10(b.ratio)));
  const least = Math.min(-0.5, ...exponents) - 0.2, most = Math.max(0.5, ...exponents) + 0.1; // room for the numbers
  const x = (ratio: number): number => left + (plot * (Math.log10(ratio) - least)) / (most - least);
  const at = (n: number): string => String(Math.round(n * 10) / 10);

  const parts: string[] = [];
  let y = top;
  for (const { title, bars } of groups) {
    const height = Math.max(bars.length * bar, 2 * bar), lines = wrapped(title);
    lines.forEach((line, i) => parts.push(`<text class="label" x="${left - 12}" y="${at(y + height / 2 + 4 + 14 * (i - (lines.length - 1) / 2))}">${escaped(line)}</text>`));
    bars.forEach(({ colour, name, ratio }, i) => {
      const from = Math.min(x(1), x(ratio)), length = Math.abs(x(ratio) - x(1)), middle = at(y + i * bar + bar - 1.5);
      parts.push(`<rect x="${at(from)}" y="${at(y + i * bar)}" width="${at(Math.max(length, 0.5))}" height="${bar - 1}" fill="${colour}"><title>${escaped(`${title}: ${name} ${digits(ratio)}×`)}</title></rect>`);
      parts.push(ratio >= 1 ? `<text class="value" x="${at(x(ratio) + 3)}" y="${middle}">${digits(ratio)}</text>` : `<text class="value end" x="${at(x(ratio) - 3)}" y="${middle}">${digits(ratio)}</text>`);
    });
    y += height + gap;
  }
  const ticks = Array.from({ length: Math.floor(most) - Math.ceil(least) + 1 }, (_, i) => Math.ceil(least) + i);
  const grid = ticks.map((exponent) => [exponent, 10 ** exponent]).map(([exponent, t]) => `<line class="${t === 1 ? "one" : "grid"}" x1="${at(x(t))}" y1="${top - 6}" x2="${at(x(t))}" y2="${y - gap + 6}"/><text class="tick" x="${at(x(t))}" y="${y + 8}">${t.toFixed(Math.max(0, -exponent))}×</text>`);
  const legend = others.map(({ name, colour }, i) => {
    const [column, line] = [i % 4, Math.floor(i / 4)];
    return `<rect x="${left + column * 145}" y="${34 + line * 17}" width="11" height="11" fill="${colour}"/><text class="key" x="${left + column * 145 + 16}" y="${44 + line * 17}">${escaped(name)}</text>`;
  });
  const width = left + plot + right, total = y + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="time of each contender over that of ${base}">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 } .label { text-anchor: end } .value { font-size: 8.5px } .end { text-anchor: end } .tick { text-anchor: middle }
.grid { stroke: #8b949e; stroke-opacity: 0.35 } .one { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .one { stroke: #e6edf3 } }
</style>
<text class="title" x="${left}" y="20">Time over that of ${base}: to the right is slower</text>
${[...legend, ...grid, ...parts].join("\n")}
</svg>
`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A text in lines of some 38 characters. */
function wrapped(text: string): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1)!.length + word.length > 36) lines.push("");
    lines[lines.length - 1] = `${lines.at(-1)!} ${word}`.trim();
  }
  return lines;
}
