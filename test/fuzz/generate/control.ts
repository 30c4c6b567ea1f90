import { emit, emitOne, type Region, type Value } from "../../../ir/graph/index.ts";
import { isFloat, type DType, type Shape, type TensorType } from "../../../ir/types/index.ts";
import { Builder } from "./builder.ts";
import { compare, joined, morph } from "./elementwise.ts";
import { fact, type Fact } from "./fact.ts";

/** Bounds that a carried value keeps, whatever the number of trips. */
const carriedBound = 2;

interface Body {
  readonly inner: Builder;
  readonly params: Value[];
}

/** A region's parameters and the builder of its body. */
function open(b: Builder, types: readonly { type: TensorType; known: Fact }[]): Body {
  const inner = new Builder(b.random, b.smooth, b.floats, true);
  const params = types.map(({ type, known }, index) => inner.know(emitOne("parameter", [], { index, type }), known));
  return { inner, params };
}
const typed = (b: Builder, v: Value): { type: TensorType; known: Fact } => ({ type: v.type, known: b.factOf(v) });

/** A few ops from `v` on to a value of its type. */
function grow(inner: Builder, v: Value): Value {
  for (let n = inner.random.between(1, 4); n > 0; n--) inner.pool.push((v = morph(inner, v)));
  return v;
}

/** What a loop may carry: floats within bounds, integers as they are. */
const bounded = (b: Builder, v: Value): Value => (isFloat(v.type.dtype) ? b.into(v, -carriedBound, carriedBound) : v);
/** A carry, as the body finds it: after any number of trips floats are rounded, integers anything. */
const carried = (v: Value): { type: TensorType; known: Fact } => ({
  type: v.type,
  known: isFloat(v.type.dtype) ? fact(-carriedBound, carriedBound) : v.type.dtype === "bool" ? fact(0, 1, 0) : { lo: -(2 ** 31), hi: 2 ** 31 - 1, grain: 0 },
});

function scalarPredicate(b: Builder): Value {
  if (b.random.chance(0.5)) return b.operand("bool", []);
  return compare(b, b.operand("i32", [], true));
}

export function cond(b: Builder, s: Value): Value {
  const operands = [s, b.like(s)];
  const results: Fact[] = [];
  const branch = (): Region => {
    const { inner, params } = open(b, operands.map((v) => typed(b, v)));
    inner.pool.push(...params);
    const result = b.random.chance(0.2) ? params[0] : grow(inner, params[0]);
    results.push(inner.factOf(result));
    return { params, results: [result] };
  };
  const regions = [branch(), branch()];
  const [y] = emit("cond", [scalarPredicate(b), ...operands], {}, regions);
  const [p, q] = regions.map((r, i) => b.know(r.results[0], results[i]));
  return b.know(y, joined(b, p, q));
}

/** Up to four trips, counted by an integer; carries `s` and uses a capture. */
export function while_(b: Builder, s: Value): Value | undefined {
  if (s.type.dtype === "u32" || s.type.dtype === "u8") return undefined;
  const start = bounded(b, s), capture = b.like(s);
  const zero = b.constant("i32", [], 0);
  const limit = b.emit("remainder", [b.operand("i32", []), b.constant("i32", [], 5)], {}, fact(0, 4, 0));
  const counter = { type: zero.type, known: fact(0, 4, 0) };
  const types = [counter, carried(start), counter, typed(b, capture)];

  const test = open(b, types);
  const goOn = emitOne("lt", [test.params[0], test.params[2]], {});
  const body = open(b, types);
  body.inner.pool.push(...body.params);
  const next = body.inner.emit("add", [body.params[0], body.inner.constant("i32", [], 1)], {}, fact(1, 5, 0));
  const state = bounded(body.inner, grow(body.inner, body.params[1]));
  const regions = [{ params: test.params, results: [goOn] }, { params: body.params, results: [next, state] }];
  const [, y] = emit("while", [zero, start, limit, capture], { carries: 2, maxTrips: 6 }, regions);
  return b.know(y, carried(start).known);
}

/** Scans the rows of `s`, or of a tensor of rows like `s`, with a carry, a capture and a stacked result. */
export function scan(b: Builder, s: Value): Value | undefined {
  if (s.type.dtype === "u32" || s.type.dtype === "u8") return undefined;
  let rows = s;
  if (s.type.shape.length === 0) {
    const shape: Shape = [b.dim()];
    rows = b.emit("broadcast", [s], { shape, axes: [] }, b.factOf(s));
  }
  const [length, ...rowShape] = rows.type.shape, { dtype } = s.type;
  const carry = bounded(b, b.operand(dtype, rowShape));
  const capture = b.operand(b.random.pick<DType>([dtype, "i32"]), rowShape);
  const row: TensorType = { dtype, shape: rowShape };
  const { inner, params } = open(b, [
    { type: { dtype: "i32", shape: [] }, known: fact(0, b.most(length), 0) }, carried(carry), { type: row, known: b.factOf(rows) }, typed(b, capture),
  ]);
  inner.pool.push(...params);
  const mixed = grow(inner, params[2]);
  const state = bounded(inner, grow(inner, params[1]));
  const [last, stacked] = emit("scan", [carry, rows, capture], { carries: 1, xs: 1, length, reverse: b.random.chance(0.4) }, [{ params, results: [state, mixed] }]);
  b.know(last, carried(carry).known);
  b.know(stacked, inner.factOf(mixed));
  b.pool.push(last);
  return stacked;
}

/** A user's function with its own derivative: the square, whose cotangent is `2 x ct`. */
export function custom(b: Builder, s: Value): Value | undefined {
  if (!isFloat(s.type.dtype)) return undefined;
  const x = b.into(s, -2, 2);
  const forward = open(b, [typed(b, x)]);
  const square = emitOne("mul", [forward.params[0], forward.params[0]], {});
  const back = open(b, [typed(b, x), typed(b, x), typed(b, x)]);
  const twice = emitOne("add", [back.params[0], back.params[0]], {});
  const [y] = emit("custom", [x], { name: "square" }, [
    { params: forward.params, results: [square] }, { params: back.params, results: [emitOne("mul", [twice, back.params[2]], {})] },
  ]);
  return b.know(y, fact(-4, 4));
}

/** Some steps from `s`, computed again by a derivative. */
export function checkpoint(b: Builder, s: Value): Value {
  const capture = b.like(s);
  const { inner, params } = open(b, [typed(b, s), typed(b, capture)]);
  inner.pool.push(...params);
  const result = grow(inner, params[0]);
  return b.know(emitOne("checkpoint", [s, capture], {}, [{ params, results: [result] }]), inner.factOf(result));
}

/** `s`, after something else. */
export const barrier = (b: Builder, s: Value): Value => b.emit("barrier", [s, b.random.pick(b.pool)], {}, b.factOf(s));
