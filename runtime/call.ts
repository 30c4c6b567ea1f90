import { bindSymbols } from "./binding.ts";
import type { Device, Run } from "./device.ts";
import { evaluate } from "./dims.ts";
import { checkNames, readInput, type Arrived } from "./inputs.ts";
import type { Lent } from "./lent.ts";
import type { FunctionSpec, ModelSpec, ValueSpec } from "./manifest.ts";
import { checkOptions, targetOf, type OutputForm } from "./outputs.ts";
import { arrayTypes, HostTensor } from "./tensor.ts";
import type { CallOptions, Inputs, Outputs, TypedArray } from "./types.ts";
import type { Variables } from "./variables.ts";

/** A call with inputs of certain shapes: what need not be worked out again for the next one that is like it. */
interface Bound {
  readonly run: Run;
  readonly generation: number;
  readonly inputs: readonly Form[];
  readonly outputs: readonly OutputForm[];
}

/** How an input came: a typed array of a length, a tensor of a shape; undefined for what has to be read element by element. */
type Form = { readonly length: number; readonly shape: readonly number[] | undefined } | undefined;

/** One function of a model on a device whose memory is the host's. */
export class FunctionCall {
  private readonly name: string;
  private readonly spec: ModelSpec;
  private readonly fn: FunctionSpec;
  private readonly device: Device;
  private readonly variables: Variables;
  private readonly lent: Lent;
  private readonly restore: readonly string[];
  /** What the inputs of a call are copied from; the same object each time. */
  private readonly given: Record<string, TypedArray> = {};
  private last: Bound | undefined;
  /** Of each input, the elements in a buffer of the device that it had last: to ask again would take longer than a small call. */
  private readonly held: (TypedArray | undefined)[] = [];

  constructor(name: string, spec: ModelSpec, device: Device, variables: Variables, lent: Lent) {
    this.name = name;
    this.spec = spec;
    this.fn = spec.functions[name];
    this.device = device;
    this.variables = variables;
    this.lent = lent;
    this.restore = device.restore(name);
  }

  /**
   * Runs the function. Where it throws, no variable has changed: inputs are checked before it starts, and variables
   * that it may have written before an index turned out to be out of range are put back.
   */
  run(inputs: Inputs, options?: CallOptions): Outputs {
    try {
      const { run, outputs } = this.isLikeLast(inputs) ? this.last! : this.bind(inputs);
      if (options !== undefined) checkOptions(outputs, options);
      const views = this.restore.length === 0 ? run(this.given) : this.variables.guard(this.restore, () => run(this.given));
      const results: Outputs = {};
      for (let i = 0; i < outputs.length; i++) {
        const { name, dtype, shape } = outputs[i], view = views[name];
        results[name] = new HostTensor(dtype, shape, options === undefined ? copyOf(view) : this.deliver(view, name, options));
      }
      return results;
    } catch (e) {
      throw new Error(`${this.spec.name}.${this.name}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    }
  }

  /** The elements of an output where the caller wants them. */
  private deliver(view: TypedArray, name: string, options: CallOptions): TypedArray {
    const target = targetOf(options, name);
    target?.set(view);
    return target ?? (options.outputs === "view" ? this.lent.add(view) : copyOf(view));
  }

  /** Elements that stay as they are until the call has read them. */
  private steady(data: TypedArray, i: number): TypedArray {
    if (this.held[i] === data) return data;
    const isBuffer = this.device.isBuffer?.(data) ?? false;
    this.held[i] = isBuffer ? data : undefined;
    return !isBuffer && this.lent.has(data) ? data.slice() : data;
  }

  /** Training calls a function with inputs of the same shapes again and again: then there is nothing to check but that. Notes the inputs. */
  private isLikeLast(inputs: Inputs): boolean {
    const { last, given, fn } = this;
    if (last === undefined || last.generation !== this.device.generation || typeof inputs !== "object" || inputs === null) return false;
    let count = 0;
    for (const _ in inputs) count++;
    if (count !== fn.inputs.length) return false;
    for (let i = 0; i < fn.inputs.length; i++) {
      const spec = fn.inputs[i], data = dataLike(last.inputs[i], spec, inputs[spec.name]);
      if (data === undefined) return false;
      given[spec.name] = this.steady(data, i);
    }
    return true;
  }

  private bind(inputs: Inputs): Bound {
    const { fn, device } = this;
    checkNames(fn, inputs);
    const arrived = fn.inputs.map((x) => readInput(x, inputs[x.name]));
    const binding = bindSymbols(fn.inputs, arrived, this.spec.symbols);
    // before the device makes room, where what it had may move
    const forms = fn.inputs.map((x, i) => formOf(arrived[i], inputs[x.name]));
    fn.inputs.forEach((x, i) => { this.given[x.name] = this.steady(arrived[i].data, i); });
    const run = device.bind(this.name, binding);
    return (this.last = {
      run, generation: device.generation, inputs: forms,
      outputs: fn.outputs.map((o) => ({ name: o.name, dtype: o.dtype, shape: Object.freeze(o.shape.map((d) => evaluate(d, binding))) })),
    });
  }
}

function formOf({ data, shape }: Arrived, value: unknown): Form {
  const isNested = data !== value && data !== (value as { readonly data?: unknown }).data;
  return isNested ? undefined : { length: data.length, shape };
}

/** The elements of an input that came as the one before did; undefined where it has to be looked at. */
function dataLike(form: Form, { dtype }: ValueSpec, value: unknown): TypedArray | undefined {
  if (form === undefined || typeof value !== "object" || value === null) return undefined;
  const { length, shape } = form;
  let data: unknown = value;
  if (shape !== undefined) {
    const tensor = value as { readonly dtype?: unknown; readonly shape?: readonly unknown[]; readonly data?: unknown };
    if (tensor.dtype !== dtype || tensor.shape === undefined || tensor.shape.length !== shape.length) return undefined;
    for (let k = 0; k < shape.length; k++) if (tensor.shape[k] !== shape[k]) return undefined;
    data = tensor.data;
  }
  if (!(data instanceof arrayTypes[dtype]) || data.length !== length) return undefined;
  return dtype === "bool" && data.some((x: number) => x > 1) ? undefined : data;
}

/** A copy for the caller. For a few elements a loop is faster than what copies any number. */
function copyOf(view: TypedArray): TypedArray {
  const { length } = view;
  if (length > 16) return view.slice();
  const copy = new (view.constructor as new (length: number) => TypedArray)(length);
  for (let i = 0; i < length; i++) copy[i] = view[i];
  return copy;
}
