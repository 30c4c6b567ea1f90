import { dims, typeText } from "../../ir/types/index.ts";
import { lifetimes, type Binding } from "../plan/index.ts";
import type { PlannedProgram } from "../plan/program.ts";
import { bytesOf } from "../plan/slots.ts";
import { bytesText as bytes, escapeHtml as escape } from "./format.ts";

const width = 960, left = 70, right = 10, top = 18;

/**
 * The memory plan as a drawing: time from left to right (a tick for each kernel, copy, test, and end of a loop), the
 * arena from top to bottom, a bar for each buffer while it holds something that is needed. A slot is drawn at least as
 * high as a line, so heights are not to scale; sizes are written beside them.
 */
export function timeline(program: PlannedProgram, binding: Binding): string {
  const { of, ticks } = lifetimes(program);
  const bars = program.buffers.flatMap((buffer) => {
    const life = of.get(buffer.id);
    return life && buffer.storage.kind === "arena" && buffer.storage.slot !== null ? [{ buffer, slot: buffer.storage.slot, ...life }] : [];
  });
  if (bars.length === 0) return "";
  const sizes = program.slots.map((slot) => Math.max(0, ...slot.bytes.map((d) => dims.evaluate(d, binding))));
  const largest = Math.max(...sizes, 1);
  const heights = sizes.map((size) => 14 + 26 * (size / largest));
  const tops = heights.map((_, i) => top + heights.slice(0, i).reduce((a, b) => a + b, 0));
  const height = top + heights.reduce((a, b) => a + b, 0) + 6;
  const tickWidth = (width - left - right) / ticks.length;
  const outputs = new Set(program.outputs.map((o) => o.buffer));

  const n = (x: number): string => x.toFixed(1);
  const numbers = ticks.map((_, t) => (tickWidth < 18 && t % 5 !== 4 ? "" : `<text x="${n(left + (t + 0.5) * tickWidth)}" y="11" text-anchor="middle">${t + 1}</text>`));
  const labels = sizes.map((size, i) => `<text x="${left - 6}" y="${n(tops[i] + heights[i] / 2 + 4)}" text-anchor="end">${bytes(size)}</text><line class="axis" x1="${left}" x2="${width - right}" y1="${n(tops[i])}" y2="${n(tops[i])}"/>`);
  const rects = bars.map(({ buffer: { id, name, type }, slot, first, last }) => {
    const end = Math.min(last, ticks.length - 1); // an output is there after the end, too
    const x = left + first * tickWidth, w = (end - first + 1) * tickWidth;
    const title = `${name}: ${typeText(type)}, ${bytes(dims.evaluate(bytesOf(type), binding))}, ${first + 1} to ${end + 1}`;
    // a name that would not fit is only in the tooltip
    const label = name.length * 7 < w - 6 ? `<text x="${n(x + 4)}" y="${n(tops[slot] + heights[slot] / 2 + 4)}">${escape(name)}</text>` : "";
    return `<g><title>${escape(title)}</title><rect class="buffer${outputs.has(id) ? " kept" : ""}" x="${n(x)}" y="${n(tops[slot] + 1)}" width="${n(w)}" height="${n(heights[slot] - 2)}" rx="2"/>${label}</g>`;
  });
  return `<figure>
<svg viewBox="0 0 ${width} ${n(height)}" role="img" aria-label="memory plan of ${escape(program.name)}">
${[...numbers.filter((t) => t !== ""), ...labels, ...rects].join("\n")}
</svg>
<figcaption>The arena: a row for each slot, a bar for each buffer while it is needed, over the kernels and copies of the function.${bars.some((b) => outputs.has(b.buffer.id)) ? " Outputs are in another colour." : ""}</figcaption>
</figure>`;
}
