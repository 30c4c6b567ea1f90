import { defineModel, type Tensor } from "chainrule";
import type { Model } from "../../../ir/graph/index.ts";
import { influences } from "../../../ir/derivatives/derivatives.ts";
import { GraphError } from "../../../ir/graph/index.ts";
import type { NdArray } from "../../../ir/ops/index.ts";
import { roundTo, type DType } from "../../../ir/types/index.ts";
import { expectClose, expectEqual, expectNumber } from "../compare.ts";
import { isFileTensor, readTensor, type Seed } from "../format.ts";
import { inputOf } from "../inputs.ts";
import { Mismatch } from "../outcome.ts";
import type { Arrays, Executable, Target } from "../targets.ts";

/** A tutorial program: reads the item's inputs, computes, and hands each quantity to `expect`. */
export type SeedProgram = (s: SeedRun) => Promise<void> | void;
export type SeedPrograms = Readonly<Record<string, SeedProgram>>;

/**
 * One item on its way: its inputs, and what is expected of it. An expected quantity that the program never hands
 * in fails the item, so none is left out.
 */
export class SeedRun {
  readonly target: Target;
  private readonly seed: Seed;
  private readonly compared = new Set<string>();

  constructor(seed: Seed, target: Target) {
    this.seed = seed;
    this.target = target;
  }

  /** A tensor of the item; a plain number or nested list becomes one of the dtype given. */
  tensor(name: string, dtype?: DType): NdArray {
    const value = this.seed.inputs[name];
    const array = isFileTensor(value) ? readTensor(value) : arrayOf(value, dtype ?? "f32");
    return dtype && array.dtype !== dtype ? { ...array, dtype } : array;
  }
  number(name: string): number { return this.seed.inputs[name] as number; }
  numbers(name: string): number[] { return this.seed.inputs[name] as number[]; }
  plain<T>(name: string, of: "inputs" | "expected" = "inputs"): T { return this.seed[of][name] as T; }

  /** Compares one quantity: an array with a tensor, or with plain numbers where the item has those. */
  expect(name: string, got: NdArray | number | boolean | string | readonly unknown[] | Arrays): void {
    if (!Object.hasOwn(this.seed.expected, name)) throw new Error(`the item expects no "${name}"`);
    this.compared.add(name);
    this.compare(name, got, this.seed.expected[name]);
  }

  /** Compares every array with the quantity of its name. */
  expectAll(arrays: Arrays): void {
    for (const [name, array] of Object.entries(arrays)) this.expect(name, array);
  }

  private compare(what: string, got: unknown, want: unknown): void {
    const tol = this.seed.tolerance;
    if (isFileTensor(want)) expectClose(what, got as NdArray, readTensor(want), tol);
    else if (isArray(got)) this.compare(what, got.shape.length === 0 ? valueOf(got) : nested(got), want);
    else if (Array.isArray(want) && Array.isArray(got)) {
      expectEqual(`the length of ${what}`, got.length, want.length);
      for (const [i, w] of want.entries()) this.compare(`${what}[${i}]`, got[i], w);
    } else if (typeof want === "number" && typeof got === "number") {
      expectNumber(what, got, want, Number.isInteger(want) && Number.isInteger(got) ? { rtol: 0, atol: 0 } : tol);
    } else if (typeof want === "object" && want !== null && typeof got === "object" && got !== null) {
      expectEqual(`the keys of ${what}`, Object.keys(got).sort(), Object.keys(want).sort());
      for (const [key, w] of Object.entries(want)) this.compare(`${what}.${key}`, (got as Record<string, unknown>)[key], w);
    } else expectEqual(what, got, want);
  }

  /** Compares a quantity that the item says must be refused: a GraphError while the graph is built. */
  expectRefused(name: string, build: () => unknown): void {
    let error: unknown;
    try { build(); } catch (e) { error = e; }
    if (error !== undefined && !(error instanceof GraphError)) throw error;
    this.expect(name, error !== undefined);
  }

  /** Loads a model on the target. */
  load(model: Model): Promise<Executable> { return this.target.load(model); }

  /** Runs one function of the item's tensors (or of arrays given) and returns its results by name, whatever the names are. */
  async run(inputs: readonly string[] | Arrays, f: (x: Record<string, Tensor>) => Record<string, Tensor>): Promise<Arrays> {
    const arrays: Arrays = Array.isArray(inputs) ? Object.fromEntries(inputs.map((name: string) => [name, this.tensor(name)])) : (inputs as Arrays);
    let names: string[] = [];
    const model = defineModel("tutorial", (m) => {
      m.fn("run", inputsLike(arrays), (given) => {
        const results = f(given);
        names = Object.keys(results);
        return Object.fromEntries(Object.values(results).map((t, i) => [`y${i}`, t]));
      });
    });
    const outputs = await (await this.load(model)).call("run", arrays);
    return Object.fromEntries(names.map((name, i) => [name, outputs[`y${i}`]]));
  }

  /** {@link run}, and compares every result with the quantity of its name. */
  async evaluate(inputs: readonly string[] | Arrays, f: (x: Record<string, Tensor>) => Record<string, Tensor>): Promise<void> {
    this.expectAll(await this.run(inputs, f));
  }

  finish(): void {
    const left = Object.keys(this.seed.expected).filter((name) => !this.compared.has(name));
    if (left.length > 0) throw new Mismatch(`never compared: ${left.join(", ")}`);
  }
}

/** Declarations of inputs of the types of arrays. */
export const inputsLike = (arrays: Arrays) => Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, inputOf(a.dtype, a.shape)]));

/** A scalar. */
export const scalarOf = (value: number, dtype: DType): NdArray => ({ dtype, shape: [], data: Float64Array.of(value) });

/** The number that a scalar array, or one of one element, holds. */
export const numberOf = ({ data }: NdArray): number => data[0];

/**
 * What `requires_grad` tells of `y` where `w` is what is differentiated by: whether a derivative of `y` by it can be
 * anything but zero.
 */
export const requiresGrad = (y: Tensor, w: Tensor): boolean => influences([y.value]).has(w.value);

const isArray = (x: unknown): x is NdArray => typeof x === "object" && x !== null && "data" in x && x.data instanceof Float64Array;
const valueOf = ({ dtype, data }: NdArray): number | boolean => (dtype === "bool" ? data[0] !== 0 : data[0]);

/** An array of nested numbers (and its shape). */
export function arrayOf(value: unknown, dtype: DType): NdArray {
  const shape: number[] = [];
  for (let v = value; Array.isArray(v); v = v[0]) shape.push(v.length);
  const flat = (Array.isArray(value) ? value.flat(Infinity) : [value]) as number[];
  return { dtype, shape, data: Float64Array.from(flat, (v) => roundTo(dtype, v)) };
}

/** Elements as nested lists. */
export function nested({ shape, data }: NdArray): unknown {
  const build = (axis: number, offset: number, size: number): unknown => {
    if (axis === shape.length) return data[offset];
    const stride = size / shape[axis];
    return Array.from({ length: shape[axis] }, (_, i) => build(axis + 1, offset + i * stride, stride));
  };
  return build(0, 0, data.length);
}
