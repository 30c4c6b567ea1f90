import { Tensor } from "chainrule";
import { Unsupported } from "../outcome.ts";
import { Arguments, type Environment, type PyValue, resolve } from "./arguments.ts";
import type { Json } from "../format.ts";
import { attention } from "./ops/attention.ts";
import { convolution } from "./ops/convolution.ts";
import { creation } from "./ops/creation.ts";
import { casts } from "./ops/dtypes.ts";
import { dropouts } from "./ops/dropout.ts";
import { elementwise } from "./ops/elementwise.ts";
import { indexing } from "./ops/indexing.ts";
import { linearAlgebra } from "./ops/linalg.ts";
import { lossTable } from "./ops/losses.ts";
import { matmul } from "./ops/matmul.ts";
import { more } from "./ops/more.ts";
import { normalization } from "./ops/normalization.ts";
import { placing } from "./ops/placing.ts";
import { reductions } from "./ops/reductions.ts";
import { shape } from "./ops/shape.ts";
import { special } from "./ops/special.ts";
import { row, type Row, type Table } from "./row.ts";

/**
 * PyTorch's functions as calls of chainrule. A key is the last part of the name where `torch.f`, `Tensor.f` and
 * `torch.nn.functional.f` mean the same, and the full name where they differ. What has no row, chainrule has not.
 */
const own: Table = { ...elementwise, ...reductions, ...shape, ...indexing, ...creation, ...casts, ...matmul, ...lossTable, ...normalization, ...convolution, ...attention, ...linearAlgebra, ...special, ...placing, ...dropouts, ...more };

/** Other names of the same. */
const aliases: Readonly<Record<string, string>> = {
  arccos: "acos", arccosh: "acosh", arcsin: "asin", arcsinh: "asinh", arctan: "atan", arctan2: "atan2", arctanh: "atanh", adjoint: "torch.Tensor.mT", concatenate: "cat", divide: "div", true_divide: "div",
  multiply: "mul", subtract: "sub", fix: "trunc", sgn: "sign", ger: "outer", greater: "gt", greater_equal: "ge", less: "lt", less_equal: "le", not_equal: "ne", row_stack: "vstack", range: "arange", trapz: "trapezoid",
  det: "torch.linalg.det", inverse: "torch.linalg.inv", slogdet: "torch.linalg.slogdet", cholesky: "torch.linalg.cholesky", qr: "torch.linalg.qr", unsafe_chunk: "chunk", unsafe_split: "split",
  positive: "clone", detach: "clone", native_channel_shuffle: "channel_shuffle", "torch.linalg.matmul": "matmul",
  orgqr: "torch.linalg.householder_product",
};
const table: Table = { ...own, ...Object.fromEntries(Object.entries(aliases).map(([alias, name]) => [alias, own[name]])) };

/** Where a name means the same: not in `torch.linalg`, whose `norm`, say, is another. */
const namespaces = ["torch", "torch.Tensor", "torch.nn.functional", "torch.special"];

/** Python's operators, as methods of Tensor. */
const operators: Readonly<Record<string, string>> = {
  __add__: "add", __radd__: "add", __sub__: "sub", __rsub__: "rsub", __mul__: "mul", __rmul__: "mul", __truediv__: "div",
  __rtruediv__: "rdiv", __floordiv__: "floor_divide", __mod__: "remainder", __rmod__: "rmod", __rmatmul__: "rmatmul", __rdiv__: "rdiv", __div__: "div", __lshift__: "bitwise_left_shift", __rshift__: "bitwise_right_shift", __rand__: "bitwise_and", __ror__: "bitwise_or", __rxor__: "bitwise_xor", __pow__: "pow", __rpow__: "rpow", __neg__: "neg", __abs__: "abs",
  __matmul__: "matmul", __eq__: "eq", __ne__: "ne", __lt__: "lt", __le__: "le", __gt__: "gt", __ge__: "ge",
  __and__: "bitwise_and", __or__: "bitwise_or", __xor__: "bitwise_xor", __invert__: "bitwise_not", __getitem__: "__getitem__",
};

function rowOf(op: string): Row | undefined {
  if (Object.hasOwn(table, op)) return table[op];
  const dot = op.lastIndexOf(".");
  const namespace = op.slice(0, dot), name = op.slice(dot + 1);
  if (!namespaces.includes(namespace)) return undefined;
  const key = Object.hasOwn(operators, name) ? operators[name] : name;
  if (Object.hasOwn(table, key)) return table[key];
  // a twin that works in place: the result has the dtype of what it overwrites
  const twin = namespace === "torch.Tensor" && /^[a-z].*[^_]_$/.test(key) ? rowOf(op.slice(0, -1)) : undefined;
  return twin && row(twin.signature, (a) => {
    const result = twin.call(a), kept = a.first();
    return result instanceof Tensor && kept instanceof Tensor && result.dtype !== kept.dtype ? result.convert(kept.dtype) : result;
  });
}

/** Calls the chainrule counterpart of a PyTorch function. */
export function call(op: string, args: readonly Json[], kwargs: Readonly<Record<string, Json>>, env: Environment): readonly Tensor[] {
  const row = rowOf(op);
  if (!row) throw new Unsupported(op);
  const named = new Arguments(op, row.signature, args.map((a) => resolve(a, env)), mapValues(kwargs, (a) => resolve(a, env)));
  const result = row.call(named);
  const unread = named.unread();
  if (unread.length > 0) throw new Unsupported(`${op} with ${unread.join(", ")}`);
  return result instanceof Tensor ? [result] : result;
}

const mapValues = (o: Readonly<Record<string, Json>>, f: (x: Json) => PyValue): Record<string, PyValue> =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [k, f(v)]));
