import { emitOne, type Value } from "../../../ir/graph/index.ts";
import type { AttrsOf, OpName } from "../../../ir/ops/index.ts";
import { arrayType, dims, highest, isFloat, lowest, sameType, type Dim, type DType, type Shape } from "../../../ir/types/index.ts";
import { fact, heldBy, isExact, magnitude, type Fact } from "./fact.ts";
import { Random } from "./random.ts";

/** The sizes that symbols take in tests: 1 to these. */
export const largest = { B: 6, T: 5 } as const;
/** A tensor has at most this many elements and axes, whatever the symbols. */
const mostElements = 400, mostAxes = 4;
/** Floats are kept within ± this. */
const tameBound = 8;

/** What inputs hold, by the first letters of their name. */
export const inputRanges = {
  x: fact(-2, 2),
  grid: fact(-4, 4, 2),
  n: fact(-8, 8, 0),
  flag: fact(0, 1, 0),
} as const;
export type InputKind = keyof typeof inputRanges;

/** Makes values and remembers what is known of them. A region has a builder of its own. */
export class Builder {
  random: Random;
  /** Use smooth ops only: every value has a derivative. */
  readonly smooth: boolean;
  /** The float dtypes that the program has. */
  readonly floats: readonly DType[];
  /** Results so far, which later steps take as operands. */
  readonly pool: Value[] = [];
  readonly inputs: Value[] = [];
  readonly variables: Value[] = [];
  readonly #facts = new Map<Value, Fact>();
  readonly #closed: boolean;

  constructor(random: Random, smooth: boolean, floats: readonly DType[], closed = false) {
    this.random = random;
    this.smooth = smooth;
    this.floats = floats;
    this.#closed = closed;
  }

  /** This builder, drawing from another seed: so that a step is the same whatever came before it. */
  reseeded(seed: number): this {
    this.random = new Random(seed);
    return this;
  }

  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, known: Fact): Value {
    return this.know(emitOne(op, inputs, attrs), known);
  }
  know(value: Value, known: Fact): Value {
    this.#facts.set(value, heldBy(value.type.dtype, known));
    return value;
  }
  factOf(value: Value): Fact { return this.#facts.get(value)!; }
  /** Whether every correct target has the same bits. */
  exact(value: Value): boolean { return !isFloat(value.type.dtype) || isExact(this.factOf(value)); }

  // ---- shapes

  /** A dimension at its largest. */
  most(d: Dim): number { return dims.evaluate(d, largest); }
  /** Whether a shape is small enough, and has no empty axis, for every size of the symbols. */
  fits(shape: Shape): boolean {
    return shape.length <= mostAxes && this.most(dims.product(shape)) <= mostElements && shape.every(isPositive);
  }
  float(): DType { return this.random.pick(this.floats); }
  dim(): Dim { return this.random.pick<Dim>(["B", "T", 1, 2, 3, 4]); }

  // ---- sources

  /** A value of the given type that is not the program's own: an input, a variable, a constant, an iota. */
  fresh(dtype: DType, shape: Shape, exact = false): Value {
    if (dtype === "u32" || dtype === "u8") {
      const n = this.into(this.fresh("i32", shape), 0, 100);
      return this.emit("convert", [n], { dtype }, this.factOf(n));
    }
    const mayDeclare = !this.#closed && this.inputs.length + this.variables.length < 8;
    const isStatic = shape.every((d) => typeof d === "number");
    if (mayDeclare && this.random.chance(0.5)) return this.input(isFloat(dtype) ? (exact ? "grid" : "x") : dtype === "bool" ? "flag" : "n", dtype, shape);
    if (mayDeclare && isStatic && this.random.chance(0.5)) return this.#variable(dtype, shape, exact);
    if (shape.length > 0 && dtype !== "bool" && this.random.chance(0.3)) return this.#ramp(dtype, shape);
    if (isStatic && this.random.chance(0.4)) return this.#table(dtype, shape, exact);
    return this.constant(dtype, shape, dtype === "bool" ? this.random.below(2) : this.#number(isFloat(dtype), exact));
  }

  input(kind: InputKind, dtype: DType, shape: Shape): Value {
    const name = `${kind}${this.inputs.length}`;
    const value = this.know(emitOne("input", [], { name, type: { dtype, shape } }), inputRanges[kind]);
    this.inputs.push(value);
    return value;
  }
  #variable(dtype: DType, shape: Shape, exact: boolean): Value {
    const kind: InputKind = isFloat(dtype) ? (exact ? "grid" : "x") : dtype === "bool" ? "flag" : "n";
    const name = `${kind}.v${this.variables.length}`;
    const value = this.know(emitOne("variable", [], { name, type: { dtype, shape } }), inputRanges[kind]);
    this.variables.push(value);
    return value;
  }
  /** 0, 1, 2, … along an axis, starting over at 7. */
  #ramp(dtype: DType, shape: Shape): Value {
    const axis = this.random.below(shape.length);
    const iota = this.emit("iota", [], { dtype: "i32", shape, axis }, fact(0, this.most(shape[axis]), 0));
    const small = this.emit("remainder", [iota, this.constant("i32", shape, 7)], {}, fact(0, 6, 0));
    return dtype === "i32" ? small : this.emit("convert", [small], { dtype }, fact(0, 6, 0));
  }
  #table(dtype: DType, shape: Shape, exact: boolean): Value {
    const size = this.most(dims.product(shape));
    const data = Array.from({ length: size }, () => (dtype === "bool" ? this.random.below(2) : this.#number(isFloat(dtype), exact)));
    return this.emit("constant", [], { dtype, shape, data: arrayType[dtype].from(data) }, fact(-4, 4, exact || !isFloat(dtype) ? 2 : undefined));
  }
  #number(float: boolean, exact: boolean): number {
    return !float ? this.random.between(-4, 4) : exact ? this.random.between(-16, 16) / 4 : this.random.unit() * 4 - 2;
  }
  constant(dtype: DType, shape: Shape, data: number): Value {
    let grain: number | undefined;
    for (let q = 12; q >= 0; q--) if (Number.isInteger(data * 2 ** q)) grain = q;
    return this.emit("constant", [], { dtype, shape, data }, fact(data, data, grain));
  }

  // ---- operands

  /** A second operand of the type of `v`: an earlier result where one fits, stretched where need be, else a new one. */
  like(v: Value, exact = false): Value { return this.operand(v.type.dtype, v.type.shape, exact, v); }
  operand(dtype: DType, shape: Shape, exact = false, other?: Value): Value {
    const usable = this.pool.filter((p) => p.type.dtype === dtype && (!exact || this.exact(p)) && (p !== other || this.random.chance(0.1)));
    const same = usable.filter((p) => sameType(p.type, { dtype, shape }));
    if (same.length > 0 && this.random.chance(0.6)) return this.random.pick(same);
    if (usable.length > 0 && this.random.chance(0.4)) {
      const source = this.random.pick(usable), axes = this.#alignment(source.type.shape, shape);
      if (axes && axes.length < shape.length) return this.emit("broadcast", [source], { shape, axes }, this.factOf(source));
    }
    return this.fresh(dtype, shape, exact);
  }
  /** Increasing axes of `to` along which `from` lies, if there are such. */
  #alignment(from: Shape, to: Shape): number[] | undefined {
    const axes: number[] = [];
    for (const [i, d] of to.entries()) if (axes.length < from.length && from[axes.length] === d) axes.push(i);
    return axes.length === from.length ? axes : undefined;
  }

  // ---- bounds

  /** `v` brought within bounds (multiples of 1/4): as it is, clamped, or by a function that saturates. */
  into(v: Value, lo: number, hi: number): Value {
    const known = this.factOf(v), { dtype, shape } = v.type;
    if (known.lo >= lo && known.hi <= hi) return v;
    if (!isFloat(dtype) || (!this.smooth && (isExact(known) || this.random.chance(0.5)))) {
      const floor = Math.max(lo, known.lo), ceiling = Math.max(lo, known.hi);
      const raised = this.emit("maximum", [v, this.constant(dtype, shape, lo)], {}, fact(floor, ceiling, known.grain));
      return this.emit("minimum", [raised, this.constant(dtype, shape, hi)], {}, fact(Math.min(hi, floor), Math.min(hi, ceiling), known.grain));
    }
    const unit = this.emit(this.random.pick(["tanh", "sin", "erf"]), [this.#scaled(v, 2)], {}, fact(-1, 1));
    const scaled = this.emit("mul", [unit, this.constant(dtype, shape, (hi - lo) / 2)], {}, fact((lo - hi) / 2, (hi - lo) / 2));
    return lo === -hi ? scaled : this.emit("add", [scaled, this.constant(dtype, shape, (lo + hi) / 2)], {}, fact(lo, hi));
  }

  /** A float brought back among small numbers, so that a long program neither overflows nor loses its digits. */
  tame(v: Value): Value {
    const known = this.factOf(v);
    if (!isFloat(v.type.dtype) || magnitude(known) <= tameBound) return v;
    if (!isExact(known) && this.random.chance(0.4)) return this.into(v, -4, 4);
    return this.#scaled(v, tameBound);
  }

  /** `v` times the power of two that brings it within a bound, which keeps it exact if it is. */
  #scaled(v: Value, bound: number): Value {
    const known = this.factOf(v), k = Math.max(0, Math.ceil(Math.log2(magnitude(known) / bound)));
    if (k === 0) return v;
    const scale = this.constant(v.type.dtype, v.type.shape, 2 ** -k);
    return this.emit("mul", [v, scale], {}, fact(known.lo * 2 ** -k, known.hi * 2 ** -k, known.grain === undefined ? undefined : known.grain + k));
  }
}

/** Bounds of an integer result: those given, or all of the dtype where it may wrap. */
export function wrapped(dtype: DType, lo: number, hi: number): Fact {
  return lo < lowest[dtype] || hi > highest[dtype] ? { lo: lowest[dtype], hi: highest[dtype], grain: 0 } : { lo, hi, grain: 0 };
}

function isPositive(d: Dim): boolean {
  if (typeof d === "number") return d > 0;
  for (let B = 1; B <= largest.B; B++) for (let T = 1; T <= largest.T; T++) if (dims.evaluate(d, { B, T }) < 1) return false;
  return true;
}
