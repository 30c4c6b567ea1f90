import fc from "fast-check";
import { emit, emitOne, reachable, withLocation, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { ndarray, type Environment, type NdArray } from "../../ir/interpret/index.ts";
import { sizeOfShape } from "../../ir/ops/index.ts";
import { printFunction } from "../../ir/text/index.ts";
import { dims, isFloat, sameType, type DType, type Shape } from "../../ir/types/index.ts";
import { Builder, inputRanges, largest, type InputKind } from "./generate/builder.ts";
import { barrier, checkpoint, cond, custom, scan, while_ } from "./generate/control.ts";
import { bits, compare, convert, curve, integer, jump, logic, morph, select, selectBy, surface } from "./generate/elementwise.ts";
import { argReduce, cumulative, dot, reduce, sort } from "./generate/fold.ts";
import { fact, product } from "./generate/fact.ts";
import { gather, lookUp, scatter } from "./generate/indexing.ts";
import { library } from "./generate/library.ts";
import { broadcast, movements } from "./generate/movement.ts";
import { Random } from "./generate/random.ts";
import { conv, pool } from "./generate/window.ts";

export interface ProgramOptions {
  /** Smooth ops only; the result is a scalar `loss` and its gradients. */
  readonly differentiable?: boolean;
  /** With `cond`, `while`, `scan`, `custom`, `checkpoint` and barriers. Default true. */
  readonly control?: boolean;
  /** Whole pieces of the authoring library among the steps: such programs are many times larger. Default false. */
  readonly library?: boolean;
  /** Ops on the longest path, at least; shrinking goes below. Default 20. */
  readonly depth?: number;
  /** The dtype of floats, where only one is wanted. Default: f32 and f64 mixed. */
  readonly float?: "f32" | "f64";
  /** With f16, bf16 and f32 for floats. Default false. */
  readonly halves?: boolean;
}

/** One op, or a few, from the latest value on; undefined where it does not apply to it. */
type Step = (b: Builder, s: Value) => Value | undefined;

/**
 * Random well-typed functions: each step applies an op to the latest value, with earlier values, inputs,
 * variables and constants beside it. Shapes mention B and T, which the first input binds. Values stay tame, and
 * ops that jump are fed exact values (see `generate/fact.ts`). A program that fails prints as textual IR.
 */
export function programs(options: ProgramOptions = {}): fc.Arbitrary<GraphFunction> {
  const depth = options.depth ?? 20;
  const seed = fc.noBias(fc.nat(2 ** 31 - 1)); // a step of seed 0, which others shrink to, is no step
  return fc.tuple(seed, fc.array(seed, { minLength: depth, maxLength: depth + 12 })).map(([first, steps]) => {
    const fn = build(first, steps.filter((s) => s !== 0), options);
    Object.defineProperty(fn, fc.toStringMethod, { value: () => `\n${printFunction(fn)}` });
    return fn;
  });
}

/** Sizes for the symbols: every combination that a generated program takes. */
export const bindings: fc.Arbitrary<{ B: number; T: number }> = fc.record({ B: fc.integer({ min: 1, max: largest.B }), T: fc.integer({ min: 1, max: largest.T }) });

/** Inputs and variables for a generated function: what they hold follows from their names. */
export function randomInputs(fn: GraphFunction, binding: Readonly<Record<string, number>>, seed: number): Environment {
  const random = new Random(seed);
  const inputs: Record<string, NdArray> = {}, variables: Record<string, NdArray> = {};
  const draw = (name: string, dtype: DType, shape: Shape): NdArray => {
    const { lo, hi, grain } = inputRanges[/^[a-z]+/.exec(name)![0] as InputKind];
    const sizes = shape.map((d) => dims.evaluate(d, binding));
    const one = (): number => (grain === undefined ? lo + random.unit() * (hi - lo) : random.between(lo * 2 ** grain, hi * 2 ** grain) / 2 ** grain);
    return ndarray(dtype, sizes, Array.from({ length: sizeOfShape(sizes) }, one));
  };
  for (const node of reachable([...fn.inputs, ...[...fn.outputs, ...fn.updates].map((o) => o.value)])) {
    if (node.op !== "input" && node.op !== "variable") continue;
    const { name, type } = node.attrs;
    (node.op === "input" ? inputs : variables)[name] = draw(name, type.dtype, type.shape);
  }
  return { inputs, variables };
}

/** Ops on the longest path from a source to a result. */
export function depthOf(fn: GraphFunction): number {
  const depths = new Map<AnyNode, number>();
  for (const node of reachable([...fn.outputs, ...fn.updates].map((o) => o.value)))
    depths.set(node, node.inputs.length === 0 ? 0 : 1 + Math.max(...node.inputs.map((v) => depths.get(v.node as AnyNode)!)));
  return Math.max(0, ...depths.values());
}

function build(seed: number, steps: readonly number[], options: ProgramOptions): GraphFunction {
  const random = new Random(seed), smooth = options.differentiable ?? false;
  const b = new Builder(random, smooth, options.halves ? ["f16", "bf16", "f32"] : options.float ? [options.float] : ["f32", "f64"]);
  const at = (line: number) => ({ file: "fuzz", line, column: 1 }); // errors and printed lines name the step
  return withLocation(at(0), () => {
    const first: Shape = random.pick<Shape>([["B", "T"], ["T", "B"], ["B", 3, "T"], ["B", "T", 2]]);
    let s = b.input(smooth || random.chance(0.6) ? "x" : "grid", b.float(), first);
    b.pool.push(s);
    for (const [i, stepSeed] of steps.entries()) s = withLocation(at(i + 1), () => advance(b.reseeded(stepSeed), s, options));
    b.reseeded(seed);
    return smooth ? withGradients(b, s) : withOutputs(b, s);
  });
}

/** One step from `s` on. */
function advance(b: Builder, s: Value, options: ProgramOptions): Value {
  const isScalar = s.type.shape.length === 0; // from which a broadcast leads back to shapes
  const step = isScalar && b.random.chance(0.4) ? broadcast : b.random.pick(stepsFor(b, s, options.control ?? true, options.library ?? false));
  const next = b.tame(step(b, s) ?? morph(b, s));
  b.pool.push(next);
  return next;
}

function stepsFor(b: Builder, s: Value, control: boolean, whole: boolean): readonly Step[] {
  const { dtype } = s.type;
  const regions: Step[] = control ? [b.random.pick([cond, while_, scan, scan, custom, checkpoint, barrier])] : [];
  const anywhere: Step[] = [select, gather, b.random.pick(movements), b.random.pick(movements), b.random.pick(movements), reduce, ...regions];
  if (dtype === "bool") return [...anywhere, logic, selectBy, selectBy, convert, sort];
  if (!isFloat(dtype)) return [...anywhere, integer, integer, compare, lookUp, bits, convert, convert, argReduce, cumulative, sort, dot, conv, pool, scatter];
  const pieces: Step[] = whole ? [library, library, library] : [];
  const smooth: Step[] = [...anywhere, ...pieces, curve, curve, surface, surface, convert, cumulative, dot, dot, conv, pool, scatter];
  if (b.smooth) return smooth;
  return b.exact(s) ? [...smooth, sort, jump, jump, compare, argReduce, convert] : [...smooth, sort];
}

/** The latest value and some earlier ones, named by whether every correct target has the same bits; some variables are updated. */
function withOutputs(b: Builder, last: Value): GraphFunction {
  const some = b.random.shuffled(b.pool).slice(0, b.random.between(0, 3));
  const updates = [...b.variables].filter(() => b.random.chance(0.6)).map((v) => ({
    variable: (v.node as Extract<AnyNode, { op: "variable" }>).attrs.name,
    value: b.random.pick(b.pool.filter((p) => sameType(p.type, v.type)).concat(v)),
  }));
  return { name: "random", inputs: b.inputs, outputs: [last, ...some].map((value, i) => ({ name: `${b.exact(value) ? "exact" : "y"}${i}`, value })), updates };
}

/** A scalar loss of the latest value, and its gradients to what is not held on a grid, an earlier result among them. */
function withGradients(b: Builder, last: Value): GraphFunction {
  const weighted = b.tame(b.emit("mul", [last, b.like(last)], {}, product(b.factOf(last), fact(-8, 8))));
  const loss = emitOne("reduce", [weighted], { reducer: "sum", axes: weighted.type.shape.map((_, i) => i) });
  const given = [...b.inputs, ...b.variables].filter((v) => isFloat(v.type.dtype) && !b.exact(v));
  const wrt = [...given, b.random.pick(b.pool.filter((v) => isFloat(v.type.dtype)))];
  const gradients = emit("grad", [loss, ...wrt], {});
  return { name: "random", inputs: b.inputs, outputs: [loss, ...gradients].map((value, i) => ({ name: i === 0 ? "loss" : `d${i - 1}`, value })), updates: [] };
}
