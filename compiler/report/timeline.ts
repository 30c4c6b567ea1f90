import { byteSize, dims, sizeOf, typeText } from "../../ir/types/index.ts";
import type { PlannedProgram } from "../plan/program.ts";
import type { Binding } from "./cost.ts";
import { bytesText as bytes, escapeHtml as escape } from "./format.ts";
import { lifetimes, moments } from "./lifetimes.ts";
import { slotSizes } from "./stats.ts";

const width = 960, left = 70, right = 10, top = 18;

/**
 * The memory plan as a drawing: steps from left to right, the arena from top to bottom, a bar for each buffer from
 * the first step that uses it to the last. A slot is drawn at least as high as a line, so sizes are not to scale
 * between slots; they are written beside them.
 */
export function timeline(program: PlannedProgram, binding: Binding): string {
  const bars = lifetimes(program);
  if (bars.length === 0) return "";
  const steps = moments(program.steps, program);
  const sizes = slotSizes(program, binding);
  const largest = Math.max(...sizes, 1);
  const heights = sizes.map((size) => 14 + 26 * (size / largest));
  const tops = heights.map((_, i) => top + heights.slice(0, i).reduce((a, b) => a + b, 0));
  const height = top + heights.reduce((a, b) => a + b, 0) + 6;
  const stepWidth = (width - left - right) / steps.length;
  const outputs = new Set(program.outputs.map((o) => o.buffer));

  const n = (x: number): string => x.toFixed(1);
  const numbers = steps.map((_, t) => (stepWidth < 18 && t % 5 !== 4 ? "" : `<text x="${n(left + (t + 0.5) * stepWidth)}" y="11" text-anchor="middle">${t + 1}</text>`));
  const labels = sizes.map((size, i) => `<text x="${left - 6}" y="${n(tops[i] + heights[i] / 2 + 4)}" text-anchor="end">${bytes(size)}</text><line class="axis" x1="${left}" x2="${width - right}" y1="${n(tops[i])}" y2="${n(tops[i])}"/>`);
  const rects = bars.map((b) => {
    const { type } = program.buffers.find((x) => x.id === b.buffer)!;
    const x = left + b.from * stepWidth, w = (b.to - b.from + 1) * stepWidth;
    const title = `${b.name}: ${typeText(type)}, ${bytes(byteSize[type.dtype] * dims.evaluate(sizeOf(type), binding))}, steps ${b.from + 1} to ${b.to + 1}`;
    // a name that would not fit is only in the tooltip
    const label = b.name.length * 7 < w - 6 ? `<text x="${n(x + 4)}" y="${n(tops[b.slot] + heights[b.slot] / 2 + 4)}">${escape(b.name)}</text>` : "";
    return `<g><title>${escape(title)}</title><rect class="buffer${outputs.has(b.buffer) ? " kept" : ""}" x="${n(x)}" y="${n(tops[b.slot] + 1)}" width="${n(w)}" height="${n(heights[b.slot] - 2)}" rx="2"/>${label}</g>`;
  });
  return `<figure>
<svg viewBox="0 0 ${width} ${n(height)}" role="img" aria-label="memory plan of ${escape(program.name)}">
${[...numbers.filter((t) => t !== ""), ...labels, ...rects].join("\n")}
</svg>
<figcaption>The arena: a row for each slot, a bar for each buffer while it is in use, over the steps of the function.${bars.some((b) => outputs.has(b.buffer)) ? " Outputs are in another colour." : ""}</figcaption>
</figure>`;
}
