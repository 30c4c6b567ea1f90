import { evaluate, type Binding } from "../dims.ts";
import { arrayTypes } from "../tensor.ts";
import type { GpuBufferSpec, GpuFunction, GpuStep, WebGpuKernels } from "./kernels.ts";
import type { GpuMemory } from "./memory.ts";
import { Naps } from "./nap.ts";
import { seesFaults, uniformStride, type Pipeline } from "./pipelines.ts";
import { usage } from "./usage.ts";
import { wholeWords } from "./words.ts";

/** A function for one binding of its symbols: every buffer, bind group and size it takes, made once. */
export interface Bound {
  readonly buffers: readonly GPUBuffer[];
  /** Those of them (and others) that were made for it. */
  readonly owned: readonly GPUBuffer[];
  readonly commands: readonly Command[];
  /** Whether the host has to look at a condition on the way: then a call is several submits. */
  readonly isHostDriven: boolean;
  /** Whether a kernel may find an index out of range, or looks whether one has. */
  readonly canFault: boolean;
  /** How long its results take to come. */
  readonly naps: Naps;
}

export type Command =
  | { readonly kind: "dispatch"; readonly pipeline: Pipeline; readonly group: GPUBindGroup; readonly offsets: readonly number[]; readonly x: number; readonly y: number }
  | { readonly kind: "copy"; readonly from: GPUBuffer; readonly to: GPUBuffer; readonly bytes: number }
  | { readonly kind: "cond"; readonly pred: GPUBuffer; readonly then: readonly Command[]; readonly otherwise: readonly Command[] }
  | { readonly kind: "while"; readonly pred: GPUBuffer; readonly test: readonly Command[]; readonly body: readonly Command[] };

/** What a model has on its device, whichever function is called. */
export interface Resident {
  readonly device: GPUDevice;
  readonly memory: GpuMemory;
  readonly kernels: WebGpuKernels;
  readonly pipelines: readonly Pipeline[];
  readonly variables: Readonly<Record<string, GPUBuffer>>;
  readonly constants: readonly GPUBuffer[];
  readonly fault: GPUBuffer;
  backupOf(name: string): GPUBuffer;
}

/** Workgroups along one dimension of a dispatch, at most. */
const mostAcross = 65535;

/** Binds a function. `given` are buffers of the caller for inputs; others are made. */
export function bindFunction(fn: GpuFunction, binding: Binding, inputBytes: Readonly<Record<string, number>>, given: Readonly<Record<string, GPUBuffer>>, on: Resident): Bound {
  return new Binder(fn, binding, on).run(inputBytes, given);
}

class Binder {
  private readonly fn: GpuFunction;
  private readonly binding: Binding;
  private readonly on: Resident;
  private buffers: GPUBuffer[] = [];
  private readonly groups = new Map<string, GPUBindGroup>();
  /** Sizes for kernels, each set of values once. */
  private readonly sizes: number[][] = [];
  private readonly sizesAt = new Map<string, number>();
  private uniform: GPUBuffer | undefined;
  private readonly owned: GPUBuffer[] = [];
  private isHostDriven = false;
  private canFault = false;

  constructor(fn: GpuFunction, binding: Binding, on: Resident) {
    this.fn = fn;
    this.binding = binding;
    this.on = on;
  }

  run(inputBytes: Readonly<Record<string, number>>, given: Readonly<Record<string, GPUBuffer>>): Bound {
    this.buffers = this.fn.buffers.map((b) => this.bufferOf(b, inputBytes, given));
    // once to find how many sizes there are, as the buffer of all of them is part of the bind groups
    this.commands(this.fn.steps, this.binding, true);
    if (this.sizes.length > 0) this.uniform = this.uniformOf();
    const commands = this.commands(this.fn.steps, this.binding, false);
    return { buffers: this.buffers, owned: this.owned, commands, isHostDriven: this.isHostDriven, canFault: this.canFault, naps: new Naps() };
  }

  private bufferOf(b: GpuBufferSpec, inputBytes: Readonly<Record<string, number>>, given: Readonly<Record<string, GPUBuffer>>): GPUBuffer {
    const { memory, variables, constants } = this.on;
    if ("input" in b) return given[b.input] ?? this.own(memory.storage(b.input, inputBytes[b.input]));
    if ("variable" in b) return variables[b.variable];
    if ("before" in b) return this.on.backupOf(b.before);
    if ("slot" in b) return memory.slot(b.slot);
    if ("constant" in b) return constants[b.constant];
    return this.own(memory.filled("constant", new arrayTypes[b.dtype](evaluate(b.size, this.binding)).fill(b.fill)));
  }

  private own(buffer: GPUBuffer): GPUBuffer {
    this.owned.push(buffer);
    return buffer;
  }

  private uniformOf(): GPUBuffer {
    const data = new Int32Array((this.sizes.length * uniformStride) / 4);
    this.sizes.forEach((values, i) => data.set(values, (i * uniformStride) / 4));
    const buffer = this.own(this.on.memory.make("sizes", data.byteLength, usage.uniform | usage.copyDst));
    this.on.memory.write(buffer, data);
    return buffer;
  }

  /** The commands of steps; counted loops are written out. `counting` only notes the sizes. */
  private commands(steps: readonly GpuStep[], values: Binding, counting: boolean): Command[] {
    return steps.flatMap((s): Command[] => {
      if ("kernel" in s) return this.dispatch(s, values, counting);
      if ("runs" in s) return this.sort(s, values, counting);
      if ("copy" in s) return [{ kind: "copy", from: this.buffers[s.copy[0]], to: this.buffers[s.copy[1]], bytes: wholeWords(evaluate(s.bytes, values)) }];
      if ("cond" in s) {
        this.isHostDriven = true;
        return [{ kind: "cond", pred: this.buffers[s.cond], then: this.commands(s.then, values, counting), otherwise: this.commands(s.otherwise, values, counting) }];
      }
      if ("while" in s) {
        this.isHostDriven = true;
        return [{ kind: "while", pred: this.buffers[s.while], test: this.commands(s.test, values, counting), body: this.commands(s.body, values, counting) }];
      }
      const length = evaluate(s.length, values);
      return Array.from({ length }, (_, i) => this.commands(s.body, { ...values, [s.for]: s.reverse ? length - 1 - i : i }, counting)).flat();
    });
  }

  private sort({ runs, merge, input, to, other, from, length, counter }: Extract<GpuStep, { runs: number }>, values: Binding, counting: boolean): Command[] {
    const lengths: number[] = [], total = evaluate(length, values);
    for (let run = from; run < total; run *= 2) lengths.push(run);
    // so that the last merge is into where the result belongs
    let [here, there] = lengths.length % 2 === 0 ? [to, other] : [other, to];
    const commands = this.dispatch({ kernel: runs, args: [input, ...here] }, values, counting);
    for (const run of lengths) {
      commands.push(...this.dispatch({ kernel: merge, args: [...here, ...there] }, { ...values, [counter]: run }, counting));
      [here, there] = [there, here];
    }
    return commands;
  }

  private dispatch(s: Extract<GpuStep, { kernel: number }>, values: Binding, counting: boolean): Command[] {
    const pipeline = this.on.pipelines[s.kernel], { kernel } = pipeline;
    const groups = Math.ceil(evaluate(kernel.groups, values) / pipeline.rows);
    if (groups <= 0) return [];
    const sizes = kernel.scalars.map((name) => values[name]), key = sizes.join();
    if (counting) {
      this.canFault ||= seesFaults(kernel);
      if (sizes.length > 0 && !this.sizesAt.has(key)) this.sizesAt.set(key, this.sizes.push(sizes) - 1);
      return [];
    }
    const x = groups <= mostAcross ? groups : 2 ** Math.ceil(Math.log2(Math.sqrt(groups)));
    return [{ kind: "dispatch", pipeline, group: this.groupOf(s, pipeline), offsets: sizes.length > 0 ? [this.sizesAt.get(key)! * uniformStride] : [], x, y: Math.ceil(groups / x) }];
  }

  private groupOf(s: Extract<GpuStep, { kernel: number }>, { layout, kernel }: Pipeline): GPUBindGroup {
    const key = `${s.kernel}:${s.args.join()}`, known = this.groups.get(key);
    if (known) return known;
    const resources: GPUBufferBinding[] = s.args.map((b) => ({ buffer: this.buffers[b] }));
    if (kernel.scalars.length > 0) resources.push({ buffer: this.uniform!, size: Math.max(16, 4 * kernel.scalars.length) });
    if (seesFaults(kernel)) resources.push({ buffer: this.on.fault });
    const group = this.on.device.createBindGroup({ label: kernel.name, layout, entries: resources.map((resource, binding) => ({ binding, resource })) });
    this.groups.set(key, group);
    return group;
  }
}
