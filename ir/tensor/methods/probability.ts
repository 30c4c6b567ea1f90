import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { floatOperand, select, toFloat } from "../lift.ts";
import { chebyshev, polynomial } from "../series.ts";
import type { BroadcastCheck, FloatCombined, Operand } from "../types/check.ts";
import type { ToFloat } from "../types/dtype.ts";

/** Functions of probability and information, element by element. */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

/** `-x log x`: 0 at 0, -∞ below. PyTorch: `torch.special.entr`. */
export function entr<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function entr(this: Tensor): Tensor {
  const x = toFloat(this), isInside = x.gt(0).logicalOr(x.isNan());
  return isInside.where(x.mul(isInside.where(x, 1).log()).neg(), x.eq(0).where(x.mul(0), -Infinity));
}

/** `x log(1 + y)`, 0 where x is 0 (unless y is NaN). PyTorch: `torch.special.xlog1py`. */
export function xlog1py<S extends Shape, D extends DType, const O extends Operand>(this: Tensor<S, D>, y: O & BroadcastCheck<S, O>): FloatCombined<S, D, O>;
export function xlog1py(this: Tensor, y: Operand): Tensor {
  const other = floatOperand(this, y);
  // as xlogy: where x is 0 and the logarithm is not finite, a 0 in place of y makes the product and both derivatives 0
  const isZero = this.eq(0).logicalAnd(other.le(-1).logicalOr(other.eq(Infinity)));
  return this.mul(select(isZero, 0, other).log1p());
}

/** Distribution function of normal numbers, `(1 + erf(x / √2)) / 2`, exact in the tails too. PyTorch: `torch.special.ndtr`. */
export function ndtr<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function ndtr(this: Tensor): Tensor { return toFloat(this).mul(-Math.SQRT1_2).erfc().mul(0.5); }

/** `log(ndtr(x))`, finite far into the lower tail. PyTorch: `torch.special.log_ndtr`. */
export function logNdtr<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function logNdtr(this: Tensor): Tensor {
  const x = toFloat(this), isTail = x.lt(-1), low = select(isTail, x, -1), high = select(isTail, 0, x);
  const tail = low.mul(-Math.SQRT1_2).erfcx().mul(0.5).log().sub(low.square().mul(0.5));
  return select(isTail, tail, high.mul(Math.SQRT1_2).erfc().mul(-0.5).log1p());
}

/** `(1 + 2x) e^(x²) erfc(x)` in t = (x - k) / (x + k), after Shepherd and Laframboise (1981); computed with mpmath to 40 digits. */
const scaledTail = [
  1.1775789345674018, -0.0045900545806464773, -0.084249133366517916, 0.05920993999819189, -0.026658668435305752, 0.0090749976707052651, -0.0024131635404176082, 0.00049077583652580863,
  -6.9169733025012064e-5, 4.1390279860730102e-6, 7.7403830661984907e-7, -2.1886401049234396e-7, 1.076499946567091e-8, 4.5219598112182869e-9, -7.7544002088313511e-10, -6.3180883408866845e-11,
  2.8687950109306699e-11, 1.9455868545777347e-13, -9.6546967484334389e-13, 3.2525481481487398e-14, 3.3478119482868054e-14, -1.8645628804193131e-15, -1.2507950530688647e-15, 7.4182352566240435e-17,
  5.0681489047961113e-17,
];
const k = 3.75;

/** `e^(x²) erfc(x)`, which does not underflow for large x. PyTorch: `torch.special.erfcx`. */
export function erfcx<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function erfcx(this: Tensor): Tensor {
  // |x| by a select, whose derivative at 0 is 1: the derivative there is -2/√π
  const x = toFloat(this), isNegative = x.lt(0), a = select(isNegative, x.neg(), x);
  const positive = chebyshev(a.add(k).reciprocal().mul(-2 * k).add(1), scaledTail).div(a.mul(2).add(1));
  return select(isNegative, select(isNegative, x, 0).square().exp().mul(2).sub(positive), positive);
}

/**
 * Inverse of `ndtr`: the normal number below which a share p lies. -∞ at 0, ∞ at 1, NaN outside. Wichura's PPND16
 * (Applied Statistics 37, 1988), exact in the lower tail too. PyTorch: `torch.special.ndtri`.
 */
export function ndtri<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function ndtri(this: Tensor): Tensor {
  const p = toFloat(this), q = p.sub(0.5), isCentral = q.abs().le(0.425), isInside = p.gt(0).logicalAnd(p.lt(1));
  const r = select(isCentral, q.square().neg().add(0.180625), 0);
  const central = q.mul(polynomial(r, centre.p)).div(polynomial(r, centre.q));
  const share = select(isInside, select(isCentral, 0.05, select(q.lt(0), p, p.neg().add(1))), 0.05);
  const s = share.log().neg().sqrt(), isFar = s.gt(5);
  const [near, far] = [select(isFar, 5, s).sub(1.6), select(isFar, s, 5).sub(5)];
  const tail = select(isFar, polynomial(far, farTail.p).div(polynomial(far, farTail.q)), polynomial(near, nearTail.p).div(polynomial(near, nearTail.q)));
  const inside = select(isCentral, central, select(q.lt(0), tail.neg(), tail));
  return select(isInside, inside, select(p.eq(0), -Infinity, select(p.eq(1), Infinity, NaN)));
}

const centre = {
  p: [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
  q: [5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1],
};
const nearTail = {
  p: [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  q: [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1],
};
const farTail = {
  p: [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
  q: [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1],
};
