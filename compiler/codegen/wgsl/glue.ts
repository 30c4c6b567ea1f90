import type { Model } from "../../../ir/graph/index.ts";
import { dims, isHalf, roundTo, sizeOf, stored, type Dim, type DType, type TensorType, type TypedArray } from "../../../ir/types/index.ts";
import type { GpuBufferSpec, GpuFunction, GpuKernel, GpuStep } from "../../../runtime/index.ts";
import { mergeSort } from "../../loops/grid/sort.ts";
import { runSymbol, type Kernel, type Origin } from "../../loops/ir.ts";
import type { BufferId, PlannedProgram, Step } from "../../plan/program.ts";
import { originText } from "../js/kernel.ts";
import { propertyKey } from "../js/names.ts";
import { usedBuffers } from "../js/program.ts";
import { Notes } from "./expression.ts";
import { copyKernel, faultsOf } from "./faults.ts";
import { entryName, printKernel, printMatrices, printNarrow, type ShaderOptions } from "./kernel.ts";
import { libraryNames, libraryText } from "./library/index.ts";

/** Bytes of a buffer for elements of a dtype: halves take 16 bits, the others 32. */
const bytesOf = (type: TensorType): Dim => dims.mul(sizeOf(type), isHalf(type.dtype) ? 2 : 4);

interface Found {
  readonly index: number;
  readonly origins: Origin[];
}

/** The module of shaders under construction. */
class Module {
  readonly kernels: { kernel: Omit<GpuKernel, "at">; origins: Origin[] }[] = [];
  readonly constants: string[] = [];
  readonly notes = new Notes();
  private readonly byText = new Map<string, Found>();
  private readonly names = new Set<string>();

  /** The number of a kernel; those that do the same are one. */
  kernelOf(k: Kernel, options: ShaderOptions): number {
    const { text, halves, groups, row, canFault } = printKernel({ ...k, name: "kernel", origins: [], args: k.args.map((a, i) => ({ ...a, name: `b${i}` })) }, new Notes(), options);
    const key = `${halves?.words}|${text}|${groups}|${row?.lanes}`;
    const known = canFault ? undefined : this.byText.get(key);
    if (known) {
      known.origins.push(...k.origins);
      return known.index;
    }
    const named = { ...k, name: this.fresh(k.name) };
    const shader = printKernel(named, this.notes, options), narrow = printNarrow(named, this.notes, options), matrices = printMatrices(named, this.notes, options);
    const index = this.kernels.length, origins = [...k.origins];
    const called = new Set([shader, narrow, matrices].flatMap((s) => s?.calls ?? []));
    this.kernels.push({
      kernel: { name: entryName(named), text: withoutOrigin(shader.text), ...(shader.halves && { halves: shader.halves }),
        ...(narrow && { narrow: { text: withoutOrigin(narrow.text), ...(narrow.halves && { halves: narrow.halves }), groups: narrow.groups } }),
        ...(matrices?.matrices && { matrices: { text: `${matrices.halves?.f16 ?? ""}\n${withoutOrigin(matrices.text)}`, groups: matrices.groups, ...matrices.matrices } }),
        calls: libraryNames.filter((name) => called.has(name)), access: k.args.map((a) => (a.access === "read" ? "r" : "w")).join(""), scalars: k.scalars, groups: shader.groups, ...(shader.row && { row: shader.row }), canFault: shader.canFault, ...(options.runs && { heedsFault: true }),
      },
      origins,
    });
    if (!canFault) this.byText.set(key, { index, origins });
    return index;
  }

  constantOf(dtype: DType, data: TypedArray): number {
    // of halves whole words: an odd one has another beside it
    const elements = isHalf(dtype) ? Uint16Array.from({ length: data.length + (data.length % 2) }, (_, i) => stored(dtype, data[i] ?? 0)) : data instanceof Uint8Array ? Uint32Array.from(data) : data.map((x) => roundTo(dtype, x));
    const text = Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength).toString("base64");
    const at = this.constants.indexOf(text);
    return at >= 0 ? at : this.constants.push(text) - 1;
  }

  private fresh(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.names.has(name); i++) name = `${wanted}_${i}`;
    this.names.add(name);
    return name;
  }
}

/** Prints the module of a model's shaders: their text to read, and the functions that run them as data. */
export function printWgsl(programs: readonly PlannedProgram[], model: Pick<Model, "name">): string {
  const module = new Module();
  const functions = programs.map((p) => `  ${propertyKey(p.name)}: ${printFunction(functionOf(p, module))},`);
  const called = new Set(module.kernels.flatMap((k) => k.kernel.calls));
  const library = libraryNames.filter((name) => called.has(name)).map((name) => `  ${name}: /* wgsl */ \`${libraryText(name)}\`,`);
  return [
    `// The shaders of ${model.name}, and the functions that run them.`,
    `/** Functions that shaders call. */\nexport const library = {\n${library.join("\n")}\n};`,
    `export const kernels = [\n${module.kernels.map(({ kernel, origins }) => printShader({ ...kernel, at: originText(origins) })).join("\n")}\n];`,
    `/** Dense constants. */\nexport const constants = ${JSON.stringify(module.constants)};`,
    `/** What an index that is out of range was for. */\nexport const notes = ${JSON.stringify(module.notes.list)};`,
    `export const functions = {\n${functions.join("\n")}\n};`,
  ].join("\n\n") + "\n";
}

/** A shader without the line of where it comes from: kernels that do the same are one. */
const withoutOrigin = (text: string): string => text.replace(/^\/\/.*\n/, "");

function printShader({ text, halves, narrow, matrices, ...rest }: GpuKernel): string {
  const quoted = (x: string): string => `/* wgsl */ \`\n${x}\n\``;
  const declared = (h: GpuKernel["halves"]): string => (h ? ` halves: { words: ${quoted(h.words)}${h.f16 === undefined ? "" : `, f16: ${quoted(h.f16)}`} },` : "");
  const forNarrow = narrow ? `\n    narrow: { groups: ${JSON.stringify(narrow.groups)},${declared(narrow.halves)} text: ${quoted(narrow.text)} },` : "";
  const { text: inMatrices, ...use } = matrices ?? {};
  const forMatrices = inMatrices === undefined ? "" : `\n    matrices: { ...${JSON.stringify(use)}, text: ${quoted(inMatrices)} },`;
  return `  {\n    ...${JSON.stringify(rest)},${halves ? `\n   ${declared(halves)}` : ""}\n    text: ${quoted(text)},${forNarrow}${forMatrices}\n  },`;
}

/** One line for each list of a function's, and each of its steps. */
function printFunction(f: GpuFunction): string {
  const list = (items: readonly unknown[]): string => `[${items.map((i) => `\n      ${JSON.stringify(i)},`).join("")}${items.length > 0 ? "\n    " : ""}]`;
  return `{\n    symbols: ${JSON.stringify(f.symbols)},\n    buffers: ${list(f.buffers)},\n    steps: ${list(f.steps)},\n    slots: ${JSON.stringify(f.slots)},\n    outputs: ${JSON.stringify(f.outputs)},\n  }`;
}

/** A kernel, or those that a sort takes which merges. */
function kernelStep(k: Kernel, args: readonly number[], options: ShaderOptions, module: Module): GpuStep {
  const sort = k.sort && mergeSort(k, k.sort), numberOf = (k: Kernel): number => module.kernelOf(k, options);
  if (!sort) return { kernel: numberOf(k), args };
  const [input, ...rest] = args;
  return { runs: numberOf(sort.runs), merge: numberOf(sort.merge), input, to: rest.slice(0, 2), other: rest.slice(2), from: sort.from, length: k.sort!.length, counter: runSymbol };
}

function functionOf(p: PlannedProgram, module: Module): GpuFunction {
  const used = usedBuffers(p), slots = new Map<number, Set<Dim>>();
  const buffers: GpuBufferSpec[] = [], numbers = new Map<BufferId, number>();
  for (const b of p.buffers) {
    const { storage, type } = b;
    if (!used.has(b.id) && storage.kind !== "input") continue;
    numbers.set(b.id, buffers.length);
    switch (storage.kind) {
      case "input": buffers.push({ input: storage.name }); break;
      case "variable": buffers.push({ variable: storage.name }); break;
      case "constant":
        buffers.push(typeof storage.data === "number" ? { fill: stored(type.dtype, roundTo(type.dtype, storage.data)), dtype: type.dtype, size: sizeOf(type) } : { constant: module.constantOf(type.dtype, storage.data) });
        break;
      case "arena": {
        const slot = storage.slot!;
        if (!slots.has(slot)) slots.set(slot, new Set());
        slots.get(slot)!.add(bytesOf(type));
        buffers.push({ slot });
      }
    }
  }
  const number = (id: BufferId): number => numbers.get(id)!;
  const faults = faultsOf(p);
  const stepsOf = (steps: readonly Step[]): GpuStep[] => steps.map((s): GpuStep => {
    switch (s.kind) {
      case "kernel": return kernelStep(p.kernels[s.kernel], s.args.map(number), { runs: faults.heeds(s) ? "unlessFault" : undefined }, module);
      case "copy": {
        const from = number(s.from), to = number(s.to);
        return faults.heeds(s) ? kernelStep(copyKernel(p.buffers[s.from], p.buffers[s.to]), [from, to], { runs: "unlessFault" }, module) : { copy: [from, to], bytes: bytesOf(p.buffers[s.to].type) };
      }
      case "cond": return { cond: number(s.pred), then: stepsOf(s.then), otherwise: stepsOf(s.otherwise) };
      case "while": return { while: number(s.pred), test: stepsOf(s.test), body: stepsOf(s.body) };
      case "for": return { for: s.counter, length: s.length, reverse: s.reverse, body: stepsOf(s.body) };
    }
  });
  const steps = stepsOf(p.steps);
  for (const name of faults.restore) {
    const variable = p.buffers.find(({ storage }) => storage.kind === "variable" && storage.name === name)!, before = buffers.push({ before: name }) - 1, here = number(variable.id);
    steps.unshift({ copy: [here, before], bytes: bytesOf(variable.type) });
    steps.push(kernelStep(copyKernel({ ...variable, name: `${variable.name}_before` }, variable), [before, here], { runs: "onFault" }, module));
  }
  return { symbols: p.symbols, buffers, steps, slots: p.slots.map((_, i) => [...(slots.get(i) ?? [])]), outputs: p.outputs.map((o) => number(o.buffer)) };
}
