import { expect } from "vitest";
import { defineModel, f64, grad, tensor, Tensor, type Float, type Layer } from "chainrule";
import { interpret, type NdArray } from "../../../ir/interpret/index.ts";
import { make, type LayerClass, type Scope } from "../../../ir/model/scope.ts";
import { array, random } from "../../compiler/autodiff/support.ts";
import { Session } from "../session.ts";

/**
 * The gradients of everything that the library exports, held against central differences in double precision, through
 * the interpreter: by each input and by each parameter.
 */

/** An input: its elements, or its shape, and they are drawn from −1 … 1. */
type Given = readonly number[] | NdArray;
type Values = Tensor | readonly Tensor[];

export interface Options {
  /** Whether it is called in a function that trains; true unless given. */
  readonly train?: boolean;
  /** The derivative is zero everywhere: a function in steps. */
  readonly flat?: boolean;
  /** Relative error that passes; 1e-7 unless given. */
  readonly tolerance?: number;
}

export interface GradientCase extends Options {
  readonly inputs: readonly Given[];
  readonly layer: Layer<(...xs: Tensor[]) => Values, Float>;
}

/** What is checked of an export, or why nothing is. */
export type Entry = GradientCase | readonly GradientCase[] | string;
export type Table = Readonly<Record<string, Entry>>;

/** A function of tensors, with the inputs to call it on. */
export const at = (inputs: readonly Given[], f: (...xs: Tensor[]) => Values, options: Options = {}): GradientCase => ({ inputs, layer: () => f, ...options });

/** A layer, with the inputs to call it on; `call` says how, where it is no function from tensors to one. */
export const layer = <T>(of: Layer<T, Float>, inputs: readonly Given[], call: (f: T, ...xs: Tensor[]) => Values = (f, ...xs) => (f as (...xs: Tensor[]) => Tensor)(...xs), options: Options = {}): GradientCase =>
  ({ inputs, layer: (scope) => { const f = of(scope); return (...xs) => call(f, ...xs); }, ...options });

/** The same entry for several exports. */
export const each = (names: string, entry: (name: string) => Entry): Table => Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, entry(name)]));

/** Numbers of an interval, the same every time. */
export function within(low: number, high: number, shape: readonly number[], seed = 11): NdArray {
  const next = random(seed);
  return array([...shape], Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + ((next() + 1) / 2) * (high - low)));
}
export const ints = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor => tensor(data, "i32") as Tensor;

/** Where a gradient is taken: an input or a parameter, and its value there. */
interface Place { readonly kind: "inputs" | "variables"; readonly name: string; readonly at: NdArray }

export function checkGradients({ inputs, layer, train = true, flat = false, tolerance = 1e-7 }: GradientCase): void {
  const arrays = inputs.map((given, i) => ("data" in given ? given : within(-1, 1, given, i + 3)));
  const names = arrays.map((_, i) => `x${i}`), parameters: { name: string; value: Tensor }[] = [];
  const specs = Object.fromEntries(arrays.map((a, i) => [names[i], f64(...a.shape)]));
  const next = random(5);
  const weigh = (ys: Values): Tensor => (ys instanceof Tensor ? [ys] : ys).map((y: Tensor): Tensor => {
    const weights = Array.from({ length: y.shape.reduce<number>((n, d) => n * Number(d), 1) }, next);
    return y.mul(tensor(Float64Array.from(weights), "f64").reshape(y.shape) as Tensor).sum();
  }).reduce((a, b) => a.add(b) as Tensor);

  const session = new Session(defineModel("case", { dtype: "f64" }, (m) => {
    const f = m.use("layer", recorded(layer, "layer", parameters) as never) as (...xs: Tensor[]) => Values;
    let weighted: Tensor;
    const loss = (given: Readonly<Record<string, Tensor>>): Tensor => weigh(f(...names.map((name) => given[name])));
    m.fn("gradients", specs, (given: Record<string, Tensor>) => {
      weighted = loss(given);
      const wrt = { ...given, ...Object.fromEntries(parameters.map((p) => [p.name.replaceAll(".", "_"), p.value])) };
      return { ...grad(weighted, wrt) as Record<string, Tensor>, loss: weighted };
    }, { train });
  }));

  // off their initial values: zeros and ones hide a lot
  for (const { name } of parameters) session.variables[name] = { ...session.variables[name], data: session.variables[name].data.map((x) => x + 0.3 * next()) };
  const places: Place[] = [
    ...arrays.map((a, i): Place => ({ kind: "inputs", name: names[i], at: a })),
    ...parameters.map((p): Place => ({ kind: "variables", name: p.name, at: session.variables[p.name] })),
  ];
  const fn = session.expanded("gradients"), value = { ...fn, outputs: fn.outputs.filter((o) => o.name === "loss"), updates: [] };
  const env = { inputs: Object.fromEntries(arrays.map((a, i) => [names[i], a])), variables: session.variables };
  const { outputs } = interpret({ ...fn, updates: [] }, env);
  const lossAt = ({ kind, name, at }: Place, step: readonly number[], h: number): number =>
    interpret(value, { ...env, [kind]: { ...env[kind], [name]: { ...at, data: at.data.map((x, i) => x + h * step[i]) } } }).outputs.loss.data[0];
  /** Richardson's extrapolation of central differences: of fourth order. */
  const measured = (place: Place, step: readonly number[]): number => {
    const central = (h: number): number => (lossAt(place, step, h) - lossAt(place, step, -h)) / (2 * h);
    return (4 * central(1e-4) - central(2e-4)) / 3;
  };

  for (const place of places) {
    const gradient = outputs[place.name.replaceAll(".", "_")];
    expect([gradient.dtype, gradient.shape], `the gradient to ${place.name}`).toEqual(["f64", place.at.shape]);
    const step = Array.from(gradient.data, next), slope = step.reduce((sum, v, i) => sum + v * gradient.data[i], 0), seen = measured(place, step);
    if (!(Math.abs(slope - seen) <= tolerance * Math.max(1, Math.abs(slope)))) {
      const byElement = step.map((_, k) => measured(place, step.map((_, i) => (i === k ? 1 : 0))));
      expect.fail(`along a direction of ${place.name} the derivative is ${slope}, differences see ${seen}\n  gradient:    ${[...gradient.data].join(" ")}\n  differences: ${byElement.join(" ")}`);
    }
    if (flat) expect(Math.abs(slope), `the derivative to ${place.name} of a function in steps`).toBe(0);
    else expect(Math.abs(slope), `the derivative to ${place.name}: if it is zero everywhere, the case tells nothing`).toBeGreaterThan(1e-6);
  }
}

/** A layer that notes the parameters it makes, those of its parts too. */
function recorded<T>(of: Layer<T, Float> | LayerClass<T, Float>, path: string, into: { name: string; value: Tensor }[]): Layer<T, Float> {
  return (scope) => make(of, {
    ...scope,
    param: ((name: string, ...rest: [readonly number[]]) => {
      const value = scope.param(name, ...rest) as Tensor;
      into.push({ name: `${path}.${name}`, value });
      return value;
    }) as Scope<Float>["param"],
    use: <U>(name: string, inner: Layer<U, Float> | LayerClass<U, Float>): U => scope.use(name, recorded(inner, `${path}.${name}`, into)),
  });
}
