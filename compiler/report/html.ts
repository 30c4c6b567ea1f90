import { locationText, type Init, type Model, type SourceLocation } from "../../ir/graph/index.ts";
import { dims, sizeOf, typeText } from "../../ir/types/index.ts";
import type { CompiledModel } from "../artifact/index.ts";
import { kernelCost, type Binding } from "../plan/index.ts";
import type { PlannedProgram } from "../plan/program.ts";
import { bytesText as bytes, escapeHtml as escape } from "./format.ts";
import { bindingFor, parameterCount, userPrograms, type ModelStats } from "./model.ts";
import { opsByLine } from "./origins.ts";
import { style } from "./style.ts";
import { timeline } from "./timeline.ts";

export interface ReportFile {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/**
 * `report.html`: what was built, as one page that needs nothing else: no scripts, no fonts, no network. Numbers
 * are for the binding of the symbols given, or the usual one.
 */
export function reportHtml(compiled: CompiledModel, stats: ModelStats, files: readonly ReportFile[], binding: Binding): string {
  const { model } = compiled;
  const programs = userPrograms(compiled), loaded = Object.entries(stats.artifact.loadedBytes);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(model.name)}: chainrule report</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(model.name)}</h1>
<p class="facts">${[
    `${programs.length} function${programs.length === 1 ? "" : "s"}`,
    `${count(parameterCount(model))} parameters`,
    `target ${compiled.target}`,
    `${bytes(stats.artifact.bytes)} of code minified, ${bytes(stats.artifact.gzipBytes)} gzipped, runtime included`,
    ...(loaded.length > 1 ? [`a page loads ${loaded.map(([device, size]) => `${bytes(size)} (${device})`).join(" or ")}`] : []),
  ].map((fact) => `<span>${fact}</span>`).join(" ")}</p>
${variables(model)}
${programs.map((p) => section(p, model, stats, bindingFor(p, model, binding))).join("\n")}
<h2>Files</h2>
${table(["file", "bytes", "gzipped"], files.map((f) => [escape(f.name), count(f.bytes), count(f.gzipBytes)]))}
</body>
</html>
`;
}

function variables(model: Model): string {
  if (model.variables.length === 0) return "";
  const rows = model.variables.map((v) => [code(v.name), code(typeText(v.type)), count(dims.evaluate(sizeOf(v.type), {})), v.role, initText(v.init), line(v.at)]);
  return `<h2>Parameters and state</h2>\n${table(["name", "type", "elements", "role", "starts as", "declared at"], rows)}`;
}

function initText(init: Init): string {
  switch (init.kind) {
    case "constant": return String(init.value);
    case "uniform": return `uniform ${short(init.low)} … ${short(init.high)}`;
    case "normal": return `normal, mean ${short(init.mean)}, std ${short(init.std)}`;
    case "truncatedNormal": return `normal, mean ${short(init.mean)}, std ${short(init.std)}, within ${short(init.low)} … ${short(init.high)}`;
    case "orthogonal": return `orthogonal, gain ${short(init.gain)}`;
    case "data": return "given data";
    case "seed": return "the seed";
  }
}

function section(p: PlannedProgram, model: Model, stats: ModelStats, binding: Binding): string {
  const s = stats.functions[p.name];
  const at = Object.entries(binding).map(([name, size]) => `${name} = ${size}`).join(", ");
  const fn = model.functions.find((f) => f.name === p.name)!;
  const kernels = p.kernels.map((k, i) => {
    const cost = kernelCost(k, { ...counters(p), ...binding });
    const origins = opsByLine(k.origins).map(({ line, ops }) => `${ops.join(", ")}${line ? ` <i>${escape(line)}</i>` : ""}`).join("<br>");
    return [String(i + 1), code(k.name), k.kind, count(cost.flops), bytes(cost.bytesMoved), origins];
  });
  return `<h2>${escape(p.name)}</h2>
<p><code>${escape(signature(p))}</code>${fn.updates.length > 0 ? `<br>updates ${fn.updates.map((u) => code(u.variable)).join(", ")}` : ""}</p>
<p class="facts">${[
    `${s.kernels} kernel${s.kernels === 1 ? "" : "s"}`, `${count(s.flops)} flops`, `${bytes(s.bytesMoved)} moved`, `${bytes(s.arenaBytes)} of arena`,
  ].map((fact) => `<span>${fact}</span>`).join(" ")}${at ? ` at ${escape(at)}` : ""}</p>
${p.kernels.length > 0 ? table(["", "kernel", "kind", "flops", "moved", "computes"], kernels) : ""}
${timeline(p, binding)}`;
}

/** Scan counters are 0: a trip's cost is that of any other. */
function counters(p: PlannedProgram): Binding {
  return Object.fromEntries(p.kernels.flatMap((k) => k.scalars.map((name) => [name, 0])));
}

function signature(p: PlannedProgram): string {
  const typed = (values: PlannedProgram["inputs"]): string =>
    values.map(({ name, buffer }) => `${name}: ${typeText(p.buffers.find((b) => b.id === buffer)!.type)}`).join(", ");
  return `${p.name}(${typed(p.inputs)}) → (${typed(p.outputs)})`;
}

/** A table; the cells are HTML. Columns of numbers are aligned by their heads. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const numeric = new Set(["elements", "flops", "moved", "bytes", "gzipped", ""]);
  const cell = (tag: string, text: string, i: number): string => `<${tag}${numeric.has(heads[i]) ? " class=n" : ""}>${text}</${tag}>`;
  const row = (tag: string, cells: readonly string[]): string => `<tr>${cells.map((c, i) => cell(tag, c, i)).join("")}</tr>`;
  return `<div class="scroll"><table>\n<thead>${row("th", heads)}</thead>\n<tbody>\n${rows.map((r) => row("td", r)).join("\n")}\n</tbody>\n</table></div>`;
}

const code = (text: string): string => `<code>${escape(text)}</code>`;
const line = (at: SourceLocation | undefined): string => escape(locationText(at));
const count = (n: number): string => n.toLocaleString("en");
const short = (x: number): string => String(Number(x.toPrecision(3)));
