import { check } from "../graph/error.ts";
import { emit, emitOne } from "../graph/build.ts";
import type { Value } from "../graph/node.ts";
import type { ScalarName } from "../ops/index.ts";
import { dims, isFloat, typeText, type Dim, type DType, type Shape } from "../types/index.ts";
import { broadcastShape, broadcastTo, convertTo, full, resultType, type Scalar } from "./broadcast.ts";

/** What an operation takes beside the tensor it is called on. */
export type Operand = Tensor | Scalar;

/**
 * A symbolic tensor: a handle on a value of the graph. Operations add nodes; nothing is computed here.
 */
export class Tensor<S extends Shape = Shape, D extends DType = DType> {
  /** The graph value behind the handle. */
  readonly value: Value;
  constructor(value: Value) { this.value = value; }

  get shape(): S { return this.value.type.shape as S; }
  get dtype(): D { return this.value.type.dtype as D; }
  get rank(): number { return this.shape.length; }

  // ---- elementwise, of one operand
  neg(): Tensor { return unary("neg", this); }
  abs(): Tensor { return unary("abs", this); }
  sign(): Tensor { return unary("sign", this); }
  exp(): Tensor { return unaryFloat("exp", this); }
  log(): Tensor { return unaryFloat("log", this); }
  sqrt(): Tensor { return unaryFloat("sqrt", this); }
  rsqrt(): Tensor { return unaryFloat("rsqrt", this); }
  reciprocal(): Tensor { return unaryFloat("reciprocal", this); }
  square(): Tensor { return this.mul(this); }
  sin(): Tensor { return unaryFloat("sin", this); }
  cos(): Tensor { return unaryFloat("cos", this); }
  sinh(): Tensor { return unaryFloat("sinh", this); }
  cosh(): Tensor { return unaryFloat("cosh", this); }
  tanh(): Tensor { return unaryFloat("tanh", this); }
  sigmoid(): Tensor { return unaryFloat("sigmoid", this); }
  softplus(): Tensor { return unaryFloat("softplus", this); }
  erf(): Tensor { return unaryFloat("erf", this); }
  floor(): Tensor { return unary("floor", this); }
  trunc(): Tensor { return unary("trunc", this); }
  logicalNot(): Tensor { return unary("logicalNot", this.convert("bool")); }
  relu(): Tensor { return this.gt(0).where(this, 0); }

  // ---- elementwise, of two operands
  add(y: Operand): Tensor { return binary("add", this, y); }
  sub(y: Operand): Tensor { return binary("sub", this, y); }
  mul(y: Operand): Tensor { return binary("mul", this, y); }
  /** True division: integers give f32. */
  div(y: Operand): Tensor { return binaryFloat("div", this, y); }
  floorDivide(y: Operand): Tensor { return binary("floorDivide", this, y); }
  pow(y: Operand): Tensor { return binary("pow", this, y); }
  maximum(y: Operand): Tensor { return binary("maximum", this, y); }
  minimum(y: Operand): Tensor { return binary("minimum", this, y); }
  eq(y: Operand): Tensor { return binary("eq", this, y); }
  ne(y: Operand): Tensor { return binary("ne", this, y); }
  lt(y: Operand): Tensor { return binary("lt", this, y); }
  le(y: Operand): Tensor { return binary("le", this, y); }
  gt(y: Operand): Tensor { return binary("gt", this, y); }
  ge(y: Operand): Tensor { return binary("ge", this, y); }
  logicalAnd(y: Operand): Tensor { return binary("bitAnd", this.convert("bool"), y); }
  logicalOr(y: Operand): Tensor { return binary("bitOr", this.convert("bool"), y); }

  /** `a` where this bool tensor holds, else `b`. */
  where(a: Operand, b: Operand): Tensor {
    const dtype = resultType([raw(a), raw(b)]);
    const shape = broadcastShape(broadcastShape(this.shape, shapeOf(a), "where"), shapeOf(b), "where");
    return new Tensor(emitOne("select", [broadcastTo(this.value, shape), operand(a, dtype, shape), operand(b, dtype, shape)], {}));
  }

  convert(dtype: DType): Tensor { return wrap(convertTo(this.value, dtype)); }
  onesLike(): Tensor { return wrap(full(1, this.dtype, this.shape)); }
  zerosLike(): Tensor { return wrap(full(0, this.dtype, this.shape)); }

  // ---- shape
  reshape(shape: Shape): Tensor { return wrap(emitOne("reshape", [this.value], { shape: inferSize(this.shape, shape) })); }
  permute(...perm: number[]): Tensor { return wrap(emitOne("transpose", [this.value], { perm: perm.map((p) => axisOf(p, this)) })); }
  expand(shape: Shape): Tensor { return wrap(broadcastTo(this.value, shape.map(dims.dim))); }
  unsqueeze(axis: number): Tensor {
    const at = axis < 0 ? axis + this.rank + 1 : axis;
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }

  // ---- reductions
  /** Sum over `axes` (all by default); integers and bool sum to i32. */
  sum(axes?: number | readonly number[], keepdim = false): Tensor {
    const list = axesOf(axes, this);
    const x = isFloat(this.dtype) ? this.value : convertTo(this.value, this.dtype === "u32" ? "u32" : "i32");
    const out = wrap(emitOne("reduce", [x], { reducer: "sum", axes: list }));
    return keepdim ? out.reshape(this.shape.map((d, i) => (list.includes(i) ? 1 : d))) : out;
  }
  mean(axes?: number | readonly number[], keepdim = false): Tensor {
    const list = axesOf(axes, this);
    return this.sum(axes, keepdim).div(wrap(emitOne("dimension", [], { size: dims.product(list.map((i) => this.shape[i])) })));
  }
  amax(axes?: number | readonly number[], keepdim = false): Tensor {
    const list = axesOf(axes, this);
    const out = wrap(emitOne("reduce", [this.value], { reducer: "max", axes: list }));
    return keepdim ? out.reshape(this.shape.map((d, i) => (list.includes(i) ? 1 : d))) : out;
  }

  /** Matrix product of `[…, M, K]` with `[K, N]`. */
  matmul(y: Tensor): Tensor {
    check(y.rank === 2 && this.rank >= 1 && this.shape[this.rank - 1] === y.shape[0], () =>
      `matmul of ${typeText(this.value.type)} with ${typeText(y.value.type)}: ${this.shape[this.rank - 1]} against ${y.shape[0]}`);
    return wrap(emitOne("dot", [this.value, y.value], { batch: [], contract: [[this.rank - 1, 0]] }));
  }

  stopGradient(): Tensor { return wrap(emitOne("stopGradient", [this.value], {})); }
}

export const wrap = (v: Value): Tensor => new Tensor(v);
const raw = (x: Operand): Value | Scalar => (x instanceof Tensor ? x.value : x);
const shapeOf = (x: Operand): Shape => (x instanceof Tensor ? x.shape : []);

/** An operand as a value of the given dtype and shape. */
function operand(x: Operand, dtype: DType, shape: Shape): Value {
  if (x instanceof Tensor) return broadcastTo(convertTo(x.value, dtype), shape);
  return full(Number(x), dtype, shape);
}

export function unary(name: ScalarName, x: Tensor): Tensor { return wrap(emitOne(name, [x.value], {})); }
export function unaryFloat(name: ScalarName, x: Tensor): Tensor {
  return unary(name, isFloat(x.dtype) ? x : x.convert("f32"));
}
export function binary(name: ScalarName, x: Tensor, y: Operand, dtype = resultType([x.value, raw(y)])): Tensor {
  const shape = broadcastShape(x.shape, shapeOf(y), name);
  return wrap(emitOne(name, [operand(x, dtype, shape), operand(y, dtype, shape)], {}));
}
export function binaryFloat(name: ScalarName, x: Tensor, y: Operand): Tensor {
  const dtype = resultType([x.value, raw(y)]);
  return binary(name, x, y, isFloat(dtype) ? dtype : "f32");
}

/** An axis counted from either end, as one counted from the start. */
export function axisOf(axis: number, x: Tensor): number {
  const at = axis < 0 ? axis + x.rank : axis;
  check(Number.isInteger(at) && at >= 0 && at < Math.max(x.rank, 1), () => `axis ${axis} is outside ${typeText(x.value.type)}`, `use an axis from ${-x.rank} to ${x.rank - 1}`);
  return at;
}
export function axesOf(axes: number | readonly number[] | undefined, x: Tensor): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  return (typeof axes === "number" ? [axes] : [...axes]).map((a) => axisOf(a, x)).filter(() => x.rank > 0);
}

/** Replaces a -1 in a shape by the size that the others leave. */
function inferSize(from: Shape, to: Shape): Shape {
  const unknown = to.indexOf(-1);
  if (unknown < 0) return to.map(dims.dim);
  const rest = dims.product(to.filter((_, i) => i !== unknown));
  const size: Dim | undefined = dims.divExact(dims.product(from), rest);
  check(size !== undefined && to.lastIndexOf(-1) === unknown, () => `cannot reshape [${from.join(",")}] to [${to.join(",")}]: no whole size fits the -1`);
  return to.map((d, i) => (i === unknown ? size : dims.dim(d)));
}

/** Derivative of the scalar `y` with respect to each of `wrt`. */
export function grad(y: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return emit("grad", [y.value, ...wrt.map((w) => w.value)], {}).map(wrap);
}
