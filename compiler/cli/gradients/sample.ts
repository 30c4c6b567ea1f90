import { reachable, type AnyNode, type Init, type Model, type Value } from "../../../ir/graph/index.ts";
import { ndarray, type NdArray } from "../../../ir/interpret/index.ts";
import { sizeOfShape } from "../../../ir/ops/index.ts";
import { dims, isFloat, roundTo, type TensorType } from "../../../ir/types/index.ts";
import type { Range } from "../bindings.ts";
import { firstOperand } from "./sites.ts";

/** Uniform numbers in [0, 1) from a 32-bit seed: mulberry32. The same on every machine. */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box–Muller. */
const normalFrom = (uniform: () => number): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

const fill = (type: TensorType, binding: Readonly<Record<string, number>>, next: (i: number) => number): NdArray => {
  const shape = type.shape.map((d) => dims.evaluate(d, binding));
  // not rounded to f32: a step of a difference must be what it says
  const round = isFloat(type.dtype) ? (x: number) => x : (x: number) => roundTo(type.dtype, x);
  return { dtype: type.dtype, shape, data: Float64Array.from({ length: sizeOfShape(shape) }, (_, i) => round(next(i))) };
};

/** Random data for an input: reals in −1 … 1, integers in `range`, bools. */
export function sampleInput(type: TensorType, binding: Readonly<Record<string, number>>, range: Range | undefined, uniform: () => number): NdArray {
  const { low, high } = range ?? (isFloat(type.dtype) ? { low: -1, high: 1 } : { low: 0, high: type.dtype === "bool" ? 2 : 8 });
  const draw = (): number => low + (high - low) * uniform();
  return fill(type, binding, isFloat(type.dtype) ? draw : () => Math.floor(draw()));
}

/**
 * A value for a variable: as it is initialised; parameters moved off it a little, as a derivative at all zeros
 * (a bias, a last layer) tells nothing. State stays as it is: a variance must not become negative.
 */
export function sampleVariable({ type, init, role }: Model["variables"][number], binding: Readonly<Record<string, number>>, uniform: () => number): NdArray {
  if (init.kind === "data") return ndarray(type.dtype, type.shape.map(Number), init.data);
  const isMoved = role === "parameter" && isFloat(type.dtype);
  return fill(type, binding, () => drawInit(init, uniform) + (isMoved ? 0.2 * (uniform() - 0.5) : 0));
}

function drawInit(init: Exclude<Init, { kind: "data" }>, uniform: () => number): number {
  switch (init.kind) {
    case "constant": return init.value;
    case "uniform": return init.low + (init.high - init.low) * uniform();
    case "normal": return init.mean + init.std * normalFrom(uniform);
    case "truncatedNormal": return Math.min(Math.max(init.mean + init.std * normalFrom(uniform), init.low), init.high);
    case "orthogonal": return init.gain * normalFrom(uniform); // any matrix of that size will do
    case "seed": return Math.floor(uniform() * 2 ** 32);
  }
}

/**
 * The range that an integer input must keep to because it indexes something: found by following it through ops
 * that keep its elements, to the axis it addresses (`gather`, `scatter`) or the classes it is compared with
 * (`oneHot`). Undefined where nothing says.
 */
export function indexRange(input: Value, roots: readonly Value[], binding: Readonly<Record<string, number>>): Range | undefined {
  let high = Infinity;
  const limit = (size: number): void => { high = Math.min(high, size); };
  const follow = (nodes: readonly AnyNode[], from: readonly Value[]): void => {
    const same = new Set(from);
    for (const node of nodes) {
      const used = node.inputs.map((v) => same.has(v));
      if (!used.includes(true)) continue;
      if (keepsElements.has(node.op)) same.add(node.outputs[0]);
      else if (node.op === "gather" || node.op === "scatter")
        // indices are the last operands
        for (const [k, axis] of node.attrs.axes.entries()) { if (used[used.length - node.attrs.axes.length + k]) limit(dims.evaluate(node.inputs[0].type.shape[axis], binding)); }
      else if (node.op === "eq") {
        const classes = iotaLength(node.inputs[used[0] ? 1 : 0]);
        if (classes !== undefined) limit(dims.evaluate(classes, binding));
      }
      for (const region of node.regions) {
        const first = firstOperand(region, node);
        follow(reachable(region.results), region.params.filter((_, i) => used[i - first]));
      }
    }
  };
  follow(reachable(roots), [input]);
  return Number.isFinite(high) ? { low: 0, high } : undefined;
}

const keepsElements: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcast", "slice", "concat", "reverse", "convert", "select", "stopGradient"]);

/** Length of the `iota` that a value is a stretched copy of. */
function iotaLength(value: Value): number | string | undefined {
  const node = value.node as AnyNode;
  if (node.op === "iota") return node.attrs.shape[node.attrs.axis];
  return node.op === "reshape" || node.op === "broadcast" || node.op === "convert" || node.op === "transpose" ? iotaLength(node.inputs[0]) : undefined;
}
