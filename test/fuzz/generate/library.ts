import { cdist, einsum, eye, GraphError, linalg, losses, nn, scan, Tensor, type Float, type Layer } from "chainrule";
import type { Value } from "../../../ir/graph/index.ts";
import { dims, isFloat, type Dim, type Shape } from "../../../ir/types/index.ts";
import { scopeOf } from "../../conformance/scope.ts";
import type { Builder } from "./builder.ts";
import { fact, magnitude, sumOf, type Fact } from "./fact.ts";
import { asIndex } from "./indexing.ts";
import { word } from "./vocabulary.ts";

/**
 * Whole pieces of the authoring library as one step: what users write, in the forms that the library makes of it (its custom
 * derivatives and scans too). Each says within which bounds its result is.
 */
type Piece = (b: Builder, x: Tensor, known: Fact) => readonly [y: Tensor, known: Fact] | undefined;

const tensor = (v: Value): Tensor => new Tensor(v);
/** An operand of the dtype of `x`, within ±2. */
const operand = (b: Builder, x: Tensor, shape: Shape): Tensor => tensor(b.into(b.operand(x.dtype, shape), -2, 2));
const axisIn = (b: Builder, x: Tensor): number => b.random.below(x.rank);
/** As `[rows, n]`, n the last axis, or all after the first. */
const matrix = (b: Builder, x: Tensor): Tensor => (b.random.chance(0.5) ? x.flatten(0, -2) : x.flatten(1));
const index = (b: Builder, shape: Shape, size: Dim): Tensor => tensor(asIndex(b, b.operand("i32", shape), size));

/** Layer normalisation's formula over some axes, which symbols may be in, and several of which are long when merged. */
const normalize: Piece = (b, x) => {
  const rows = b.random.chance(0.5) ? x.flatten(b.random.below(x.rank)) : x, axis = rows.rank - 1;
  const mean = rows.mean(axis, true), variance = rows.var(axis, { correction: 0, keepdim: true });
  const bound = Math.sqrt(b.most(rows.shape[axis]));
  return [rows.sub(mean).mul(variance.add(0.25).rsqrt()), fact(-bound, bound)];
};
const rms: Piece = (b, x) => {
  const bound = Math.sqrt(b.most(x.shape[x.rank - 1]));
  return [x.mul(x.square().mean(-1, true).add(0.25).rsqrt()), fact(-bound, bound)];
};
const softmax: Piece = (b, x) => [x.softmax(axisIn(b, x)), fact(0, 1)];
const logSoftmax: Piece = (b, x, f) => {
  const axis = axisIn(b, x);
  return [x.logSoftmax(axis), fact(f.lo - f.hi - Math.log(b.most(x.shape[axis])), 0)];
};
const logcumsumexp: Piece = (b, x, f) => {
  const axis = axisIn(b, x);
  return [x.logcumsumexp(axis), fact(f.lo, f.hi + Math.log(b.most(x.shape[axis])))];
};

const attention: Piece = (b, x) => {
  if (x.rank < 2) return undefined;
  const [keys, values] = [b.dim(), b.random.between(1, 3)], lead = x.shape.slice(0, -2);
  const key = operand(b, x, [...lead, keys, x.shape[x.rank - 1]]), value = operand(b, x, [...lead, keys, values]);
  return [nn.functional.scaledDotProductAttention(x, key, value, { isCausal: b.random.chance(0.5) }), fact(-2, 2)];
};
/** A recurrent layer over the first axis of `[T, features]`, or a cell of our own inside a scan. */
const recurrent: Piece = (b, x) => {
  const width = x.shape[x.rank - 1];
  if (x.rank < 2 || x.rank > 3) return undefined;
  if (typeof width === "number" && b.random.chance(0.6)) {
    const [layer, gates] = b.random.pick<readonly [Layer<unknown, Float>, number]>([[nn.lstm(width, 2), 4], [nn.gru(width, 2), 3], [nn.rnn(width, 2), 1]]);
    const scope = scopeOf((name) => operand(b, x, name.startsWith("weight_ih") ? [gates * 2, width] : name.startsWith("weight_hh") ? [gates * 2, 2] : [gates * 2]));
    return [(layer(scope) as (x: Tensor) => readonly [Tensor, unknown])(x)[0], fact(-1, 1)];
  }
  const u = operand(b, x, x.shape.slice(1)), start = u.mul(0);
  const [, states] = scan((h: Tensor, at: Tensor) => {
    const gate = at.add(h.mul(u)).sigmoid(), next = gate.mul(h).add(gate.neg().add(1).mul(at.mul(u).add(h).tanh()));
    return [next, next] as const;
  }, start, x);
  return [states as Tensor, fact(-1, 1)];
};

const pooled: Piece = (b, x, f) => {
  if (x.rank < 2 || x.rank > 3) return undefined;
  const options = { stride: b.random.between(1, 2), padding: b.random.below(2) };
  if (b.smooth || b.random.chance(0.5)) return [nn.functional.avgPool1d(x, 2, options), fact(Math.min(0, f.lo), Math.max(0, f.hi))];
  return [nn.functional.maxPool1d(x, 2, options), f];
};
const resized: Piece = (b, x, f) => {
  if (x.rank !== 3) return undefined;
  return [nn.functional.interpolate(x, b.random.chance(0.5) ? { scaleFactor: 2, mode: "nearest" } : { scaleFactor: 2, mode: "linear", alignCorners: b.random.chance(0.5) }), f];
};

/** `xᵀx / rows + 2`, well-conditioned, and what linear algebra makes of it. */
const linear: Piece = (b, x, f) => {
  if (x.rank < 2) return undefined;
  const rows = x.flatten(0, -2), n = rows.shape[1];
  if (typeof n !== "number") return undefined;
  const a: Tensor = rows.t().matmul(rows).div(tensor(b.emit("dimension", [], { size: rows.shape[0] }, fact(1, 400, 0)))).add(eye(n, n, x.dtype as "f32").mul(2));
  const bound = Math.sqrt(n * magnitude(f) ** 2 + 2);
  switch (b.random.pick(["solve", "cholesky", "inv", "logdet"] as const)) {
    case "solve": return [linalg.solve(a, operand(b, x, [n, b.random.between(1, 3)])), fact(-2 * n, 2 * n)];
    case "cholesky": return [linalg.cholesky(a), fact(-bound, bound)];
    case "inv": return [linalg.inv(a), fact(-0.5, 0.5)];
    case "logdet": return [linalg.logdet(a), fact(0, n * Math.log(bound ** 2))];
  }
};

const elementLosses = [losses.mse, losses.smoothL1, losses.huber, losses.bceWithLogits] as readonly ((x: Tensor, y: Tensor, o: { reduction: "none" | "mean" }) => Tensor)[];
const loss: Piece = (b, x, f) => {
  const width = x.shape[x.rank - 1];
  if (x.rank >= 2 && typeof width === "number" && b.random.chance(0.5)) {
    const rows = x.flatten(0, -2), target = index(b, [rows.shape[0]], width);
    const y = losses.crossEntropy(rows, target, { reduction: b.random.pick(["none", "mean"] as const), labelSmoothing: b.random.pick([0, 0.1]) }) as Tensor;
    return [y, fact(0, f.hi - f.lo + Math.log(width))];
  }
  const most = (magnitude(f) + 2) ** 2 + 1;
  return [b.random.pick(elementLosses)(x, operand(b, x, x.shape), { reduction: b.random.pick(["none", "mean"] as const) }), fact(-most, most)];
};
/** Rows of x looked up, and bags of them. */
const embedded: Piece = (b, x, f) => {
  if (x.rank < 2) return undefined;
  const table = matrix(b, x), bags = index(b, [b.random.between(1, 3), b.random.between(1, 3)], table.shape[0]);
  return b.random.chance(0.5) ? [nn.functional.embedding(bags, table), f] : [nn.functional.embeddingBag(bags, table, { mode: "mean" }), f];
};
const ordered: Piece = (b, x, f) => {
  const axis = axisIn(b, x), size = x.shape[axis];
  if (b.smooth) return undefined;
  const most = typeof size === "number" ? size : 1;
  return b.random.chance(0.5) ? [x.topk(b.random.between(1, most), axis, { largest: b.random.chance(0.5) }).values, f] : [x.quantile(0.3, axis), f];
};
const scattered: Piece = (b, x, f) => {
  const src = operand(b, x, x.shape), reduce = b.random.pick(["mean", "sum", ...(b.smooth ? [] : ["amax", "amin"] as const)] as const), axis = axisIn(b, x);
  const at = index(b, x.shape, x.shape[axis]);
  const bound = Math.max(magnitude(f), 2);
  return [x.scatterReduce(axis, at, src, reduce, { includeSelf: b.random.chance(0.5) }), reduce === "sum" ? sumOf(fact(-bound, bound), b.most(x.shape[axis]) + 1) : fact(-bound, bound)];
};
const contracted: Piece = (b, x, f) => {
  const n = b.random.between(1, 3), y = operand(b, x, [x.shape[x.rank - 1], n]);
  const known = sumOf(fact(-2 * magnitude(f), 2 * magnitude(f)), b.most(x.shape[x.rank - 1]));
  if (x.rank >= 2 && b.random.chance(0.3)) return [cdist(x.flatten(0, -2), operand(b, x, [n, x.shape[x.rank - 1]]).add(5)), fact(0, (magnitude(f) + 7) * Math.sqrt(b.most(x.shape[x.rank - 1])))];
  return [einsum("...i,ij->j...", x, y), known];
};
const curved: Piece = (b, x) => {
  const near = tensor(b.into(x.value, 0.5, 3));
  return b.random.pick<() => readonly [Tensor, Fact]>([
    () => [near.lgamma(), fact(-0.2, 1)], () => [near.digamma(), fact(-2, 1)], () => [near.i0e(), fact(0, 1)], () => [near.erfcx(), fact(0, 1)], () => [near.ndtr(), fact(0, 1)], () => [near.logNdtr(), fact(-1, 0)],
  ])();
};

const pieces: readonly Piece[] = [normalize, normalize, rms, softmax, logSoftmax, logcumsumexp, attention, attention, recurrent, recurrent, pooled, resized, linear, linear, loss, loss, embedded, ordered, scattered, contracted, curved];

/** A piece of the library applied to `s`; undefined where it does not take such a tensor. */
export function library(b: Builder, s: Value): Value | undefined {
  if (!isFloat(s.type.dtype) || s.type.shape.length === 0) return undefined;
  const f = b.factOf(s);
  if (b.floats.includes("f64") && b.random.chance(0.2)) return word(b, s);
  try {
    const made = b.random.pick(pieces)(b, new Tensor(s), f);
    if (!made || made[0].dtype !== s.type.dtype || !b.fits(made[0].shape.map(dims.dim))) return undefined;
    return b.know(made[0].value, made[1]);
  } catch (e) {
    if (e instanceof GraphError) return undefined; // a symbol that a window may not fit, say
    throw e;
  }
}
