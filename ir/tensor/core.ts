import { GraphError } from "../graph/error.ts";
import type { Value } from "../graph/node.ts";
import { dims, typeText, type Dim, type DType, type Shape } from "../types/index.ts";
import type * as activations from "./methods/activations.ts";
import type * as arithmetic from "./methods/arithmetic.ts";
import type * as axes from "./methods/axes.ts";
import type * as bessel from "./methods/bessel.ts";
import type * as calculus from "./methods/calculus.ts";
import type * as comparison from "./methods/comparison.ts";
import type * as conversion from "./methods/conversion.ts";
import type * as cumulative from "./methods/cumulative.ts";
import type * as diagonals from "./methods/diagonals.ts";
import type * as functions from "./methods/functions.ts";
import type * as gamma from "./methods/gamma.ts";
import type * as indexing from "./methods/indexing.ts";
import type * as layout from "./methods/layout.ts";
import type * as norms from "./methods/norms.ts";
import type * as ordering from "./methods/ordering.ts";
import type * as placing from "./methods/placing.ts";
import type * as polynomials from "./methods/polynomials.ts";
import type * as probability from "./methods/probability.ts";
import type * as products from "./methods/products.ts";
import type * as quantiles from "./methods/quantiles.ts";
import type * as reductions from "./methods/reductions.ts";
import type * as scattering from "./methods/scattering.ts";
import type * as shape from "./methods/shape.ts";
import type * as slicing from "./methods/slicing.ts";
import type * as statistics from "./methods/statistics.ts";
import type * as ternary from "./methods/ternary.ts";

/**
 * A symbolic tensor: a handle on a value of the graph. Operations add nodes; nothing is computed here.
 *
 * `S` is the shape (`["B", 64]`) and `D` the dtype (`"f32"`). `Tensor` without parameters is any tensor: what the
 * types do not know is checked when the graph is built.
 *
 * The methods are in `methods/`, one family a file, as functions of `this`: their types take `S` and `D` from the
 * receiver, so the class itself depends on its parameters through `shape` and `dtype` alone, and a
 * `Tensor<["B", 64], "f32">` is a `Tensor`. `tensor.ts` puts them on the prototype.
 */
export class Tensor<S extends Shape = Shape, D extends DType = DType> {
  /** The graph value behind the handle. */
  readonly value: Value;
  constructor(value: Value) { this.value = value; }

  get shape(): S { return this.value.type.shape as S; }
  get dtype(): D { return this.value.type.dtype as D; }
  /** Number of dimensions; also `ndim` and `dim()`, as PyTorch has them. */
  get rank(): number { return this.value.type.shape.length; }
  get ndim(): number { return this.rank; }
  dim(): number { return this.rank; }
  /** Number of elements: a number, or a product of symbols. */
  numel(): Dim { return dims.product(this.value.type.shape); }

  /** `f32[B,64]` in text. As a number there is nothing: elements are known when the compiled program runs. */
  [Symbol.toPrimitive](hint: string): string {
    const text = typeText(this.value.type);
    if (hint === "string") return text;
    throw new GraphError(`a tensor ${text} is used as a JavaScript value, and has none while the graph is built`, "compute with its methods (add, lt, where, …); to branch, use where or cond");
  }
}

type Methods =
  & typeof activations & typeof arithmetic & typeof axes & typeof bessel & typeof calculus & typeof comparison
  & typeof conversion & typeof cumulative & typeof diagonals & typeof functions & typeof gamma & typeof indexing
  & typeof layout & typeof norms & typeof ordering & typeof placing & typeof polynomials & typeof probability & typeof products
  & typeof quantiles & typeof reductions & typeof scattering & typeof shape & typeof slicing & typeof statistics
  & typeof ternary;

export interface Tensor<S extends Shape, D extends DType> extends Methods {}

/** The handle on a value. */
export const wrap = (v: Value): Tensor => new Tensor(v);
