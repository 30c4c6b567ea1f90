import { bindSymbols } from "./binding.ts";
import type { Device, Run } from "./device.ts";
import { evaluate } from "./dims.ts";
import { checkNames, readInput } from "./inputs.ts";
import type { Lent } from "./lent.ts";
import type { FunctionSpec, ModelSpec } from "./manifest.ts";
import { checkOptions, targetOf, type OutputForm } from "./outputs.ts";
import { HostTensor } from "./tensor.ts";
import type { CallOptions, DType, Inputs, Outputs, TypedArray } from "./types.ts";
import type { Variables } from "./variables.ts";

/** A call with inputs of certain shapes: what need not be worked out again for the next one that is like it. */
interface Bound {
  readonly run: Run;
  readonly generation: number;
  /** In the order in which they came. */
  readonly inputs: readonly Form[];
  readonly outputs: readonly Output[];
}

interface Output extends OutputForm {
  /** The view that the caller has of it. */
  lent: TypedArray | undefined;
}

/** How an input came: a typed array of a length, or a tensor of a shape. */
interface Form {
  readonly name: string;
  /** Its place among the inputs of the function. */
  readonly at: number;
  readonly dtype: DType;
  /** The class of the typed array; undefined for what has to be read element by element. */
  readonly type: unknown;
  readonly length: number;
  readonly shape: readonly number[] | undefined;
}

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
  private readonly given: TypedArray[] = [];
  private last: Bound | undefined;
  /** Of each input, the elements that it had last and that stay as they are: to ask again would take longer than a small call. */
  private readonly held: (TypedArray | undefined)[] = [];
  /** What was lent when these were looked at. */
  private lentThen = 0;

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
        const output = outputs[i], view = views[i];
        results[output.name] = new HostTensor(output.dtype, output.shape, options === undefined ? copyOf(view) : this.deliver(view, output, options));
      }
      return results;
    } catch (e) {
      throw new Error(`${this.spec.name}.${this.name}: ${e instanceof Error ? e.message : String(e)}`, { cause: e });
    }
  }

  /** The elements of an output where the caller wants them. */
  private deliver(view: TypedArray, output: Output, options: CallOptions): TypedArray {
    const target = targetOf(options, output.name);
    target?.set(view);
    if (target || options.outputs !== "view") return target ?? copyOf(view);
    // to ask an array for its buffer takes longer than a small call
    if (output.lent !== view) this.lent.add((output.lent = view));
    return view;
  }

  /** Elements that stay as they are until the call has read them. */
  private steady(data: TypedArray, i: number): TypedArray {
    const { held, lent } = this;
    if (this.lentThen !== lent.count) {
      held.length = 0;
      this.lentThen = lent.count;
    }
    if (held[i] === data) return data;
    if (lent.has(data) && !this.device.isBuffer?.(data)) return data.slice();
    return (held[i] = data);
  }

  /** Training calls a function with inputs of the same shapes again and again: then there is nothing to check but that. Notes the inputs. */
  private isLikeLast(inputs: Inputs): boolean {
    const { last, given } = this;
    if (last === undefined || last.generation !== this.device.generation || typeof inputs !== "object" || inputs === null) return false;
    const forms = last.inputs;
    let i = 0;
    for (const name in inputs) {
      const form = forms[i++];
      if (form?.name !== name) return false;
      const data = dataLike(form, inputs[name]);
      if (data === undefined) return false;
      given[form.at] = this.steady(data, form.at);
    }
    return i === forms.length;
  }

  private bind(inputs: Inputs): Bound {
    const { fn, device } = this;
    checkNames(fn, inputs);
    const arrived = fn.inputs.map((x) => readInput(x, inputs[x.name]));
    const binding = bindSymbols(fn.inputs, arrived, this.spec.symbols);
    // before the device makes room, where what it had may move
    const forms = Object.keys(inputs).map((name) => {
      const at = fn.inputs.findIndex((x) => x.name === name), { dtype } = fn.inputs[at], { data, shape } = arrived[at], value = inputs[name];
      const isNested = data !== value && data !== (value as { readonly data?: unknown }).data;
      return { name, at, dtype, type: isNested ? undefined : data.constructor, length: data.length, shape };
    });
    fn.inputs.forEach((x, i) => { this.given[i] = this.steady(arrived[i].data, i); });
    const run = device.bind(this.name, binding);
    return (this.last = {
      run, generation: device.generation, inputs: forms,
      outputs: fn.outputs.map((o) => ({ name: o.name, dtype: o.dtype, shape: Object.freeze(o.shape.map((d) => evaluate(d, binding))), lent: undefined })),
    });
  }
}

/** The elements of an input that came as the one before did; undefined where it has to be looked at. */
function dataLike({ dtype, type, length, shape }: Form, value: unknown): TypedArray | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  let data: unknown = value;
  if (shape !== undefined) {
    const tensor = value as { readonly dtype?: unknown; readonly shape?: readonly unknown[]; readonly data?: unknown };
    if (tensor.dtype !== dtype || tensor.shape?.length !== shape.length) return undefined;
    for (let k = 0; k < shape.length; k++) if (tensor.shape[k] !== shape[k]) return undefined;
    data = tensor.data;
  }
  const array = data as TypedArray | undefined;
  // `instanceof` takes several times as long as the rest of this
  if (array?.constructor !== type || array?.length !== length) return undefined;
  return dtype === "bool" && array.some((x: number) => x > 1) ? undefined : array;
}

/** A copy for the caller. For a few elements a loop is faster than what copies any number. */
function copyOf(view: TypedArray): TypedArray {
  const { length } = view;
  if (length > 16) return view.slice();
  const copy = new (view.constructor as new (length: number) => TypedArray)(length);
  for (let i = 0; i < length; i++) copy[i] = view[i];
  return copy;
}
