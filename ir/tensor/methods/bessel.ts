import type { DType, Shape } from "../../types/index.ts";
import type { Tensor } from "../core.ts";
import { select, toFloat } from "../lift.ts";
import { chebyshev } from "../series.ts";
import type { ToFloat } from "../types/dtype.ts";

/**
 * Modified Bessel functions of orders 0 and 1, element by element, each by two Chebyshev series in the manner of Cephes
 * (Moshier 1992): one in x near 0, one in 1/x beyond. The coefficients were computed with mpmath to 40 digits.
 */
type Floated<S extends Shape, D extends DType> = Tensor<S, ToFloat<D>>;

// ---- the first kind: of |x| up to 8 in t = x/4 - 1, beyond in t = 16/x - 1

/** `e^-x I₀(x)`. */
const i0Near = [
  0.33839763720473804, -0.3046826723431984, 0.17162090152220878, -0.094901097048047644, 0.049305284239670708, -0.023737414805899469, 0.010546460394594998, -0.0043243099950505759,
  0.0016394756169413358, -0.00057637557453858237, 0.00018850288509584166, -5.7541950100821037e-5, 1.6448448070728897e-5, -4.4167383584587506e-6, 1.1173875391201037e-6, -2.6707938539406117e-7,
  6.0469950225419189e-8, -1.300025009986248e-8, 2.6598237246823867e-9, -5.1897956016352629e-10, 9.6758090353732369e-11, -1.7268262914415557e-11, 2.9550526631296398e-12, -4.8564467831119295e-13,
  7.6761854986049356e-14, -1.1685332877993452e-14, 1.715391285555133e-15, -2.4312798465479547e-16, 3.3307945188222381e-17, -4.4153416464793394e-18,
];
/** `e^-x √x I₀(x)`. */
const i0Far = [
  0.40224520550705442, 0.0033691164782556941, 6.889758346916824e-5, 2.8913705208347565e-6, 2.0489185894690637e-7, 2.2666689904981781e-8, 3.3962320257083863e-9, 4.9406023882249696e-10,
  1.1889147107846438e-11, -3.1499165279632414e-11, -1.3215811840447713e-11, -1.7941785315068061e-12, 7.1801244513836662e-13, 3.8527783827421427e-13, 1.5400862175214098e-14, -4.1505693472872221e-14,
  -9.5548466988283076e-15, 3.8116806693526224e-15, 1.7725601330565264e-15, -3.4254856196772191e-16, -2.8276239805165835e-16, 3.4612228676974611e-17, 4.46562142029676e-17, -4.8305044859441821e-18,
  -7.233180487874754e-18,
];
/** `e^-x I₁(x) / x`. */
const i1Near = [
  0.12629359322181683, -0.17641651835783406, 0.1026436586898471, -0.052945981208094991, 0.024726449030626517, -0.010564084894626198, 0.0041564229443128882, -0.0015135724506312531,
  0.00051228595616857577, -0.00016176081582589675, 4.7815651075500542e-5, -1.3273163656039436e-5, 3.4702513081376785e-6, -8.5687202646954547e-7, 2.0032947535521353e-7, -4.4450591287963281e-8,
  9.3815373864957718e-9, -1.8872497517228293e-9, 3.625590281552117e-10, -6.6634897235020277e-11, 1.1736186298890902e-11, -1.9839743977649437e-12, 3.2237933659455747e-13, -5.0421855047279117e-14,
  7.6006842947354069e-15, -1.1055969477353863e-15, 1.5536319577362005e-16, -2.1114212143581661e-17, 2.7779141127610464e-18,
];
/** `e^-x √x I₁(x)`. */
const i1Far = [
  0.38928811750914006, -0.0097610974913614684, -0.00011058893876262372, -3.8825648088776904e-6, -2.5122362378702089e-7, -2.6314688468895195e-8, -3.835380385964237e-9, -5.5897434621965838e-10,
  -1.8974958123505412e-11, 3.2526035830154882e-11, 1.4125807436613781e-11, 2.0356285441470895e-12, -7.1985517762459085e-13, -4.0835511110921973e-13, -2.1015418427726643e-14, 4.2724400167119514e-14,
  1.0420276984128803e-14, -3.8144030724370078e-15, -1.8803547755107824e-15, 3.3082023109209283e-16, 2.9626289976459501e-16, -3.209525921993424e-17, -4.6503053684893583e-17, 4.4143483230717079e-18,
  7.5172963108421048e-18,
];

/** `e^-|x| I₀(|x|)` or, odd in x, `e^-|x| I₁(x)`. */
function scaledFirst(x: Tensor, order: 0 | 1): Tensor {
  const a = x.abs(), isFar = a.gt(8), beyond = select(isFar, a, 8), isFinite = beyond.lt(Infinity);
  const near = chebyshev(select(isFar, 8, a).mul(0.25).sub(1), order === 0 ? i0Near : i1Near);
  const far = chebyshev(select(isFinite, select(isFinite, beyond, 1).reciprocal(), 0).mul(16).sub(1), order === 0 ? i0Far : i1Far).mul(beyond.rsqrt());
  return order === 0 ? select(isFar, far, near) : select(isFar, far.mul(x.sign()), near.mul(x));
}

/** Modified Bessel function of the first kind, order 0: even, 1 at 0. Its derivative is `i1`. PyTorch: `torch.i0`, `torch.special.modified_bessel_i0`. */
export function i0<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function i0(this: Tensor): Tensor { const x = toFloat(this); return x.abs().exp().mul(x.i0e()); }

/** `e^-|x| I₀(x)`, which does not overflow. PyTorch: `torch.special.i0e`. */
export function i0e<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function i0e(this: Tensor): Tensor { return scaledFirst(toFloat(this), 0); }

/** Modified Bessel function of the first kind, order 1: odd, with slope 1/2 at 0. PyTorch: `torch.special.i1`, `torch.special.modified_bessel_i1`. */
export function i1<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function i1(this: Tensor): Tensor { const x = toFloat(this); return x.abs().exp().mul(x.i1e()); }

/** `e^-|x| I₁(x)`, which does not overflow. PyTorch: `torch.special.i1e`. */
export function i1e<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function i1e(this: Tensor): Tensor { return scaledFirst(toFloat(this), 1); }

// ---- the second kind: up to 2 in t = x²/2 - 1, beyond in t = 4/x - 1

/** `K₀(x) + log(x/2) I₀(x)`. */
const k0Near = [
  -0.26766369661695138, 0.34428989992462849, 0.035979936515361502, 0.0012646154114469259, 2.2862121031194518e-5, 2.5347910790261495e-7, 1.9045163772202089e-9, 1.0349695257633625e-11,
  4.2598161427910826e-14, 1.3744654358807509e-16,
];
/** `e^x √x K₀(x)`. */
const k0Far = [
  1.2201515410329777, -0.031448101311964501, 0.0015698838857300534, -0.00012849549581627803, 1.3949813718876499e-5, -1.8317555227191195e-6, 2.7668136394450151e-7, -4.6604898976879477e-8,
  8.5740340174142261e-9, -1.6975345093890615e-9, 3.5773972814003284e-10, -7.957489244477397e-11, 1.8559491149549266e-11, -4.5145978833745192e-12, 1.1403405882073442e-12, -2.9800969231481784e-13,
  8.0328907750683744e-14, -2.2275133267462964e-14, 6.340076476276646e-15, -1.8485933779209072e-15, 5.5120559994043334e-16, -1.6782311257549006e-16, 5.2103917776435541e-17, -1.6475805939842633e-17,
];
/** `x (K₁(x) - log(x/2) I₁(x))`. */
const k1Near = [
  0.76265011366947389, -0.35315596077654488, -0.12261118082265715, -0.0069757238596398644, -0.00017302889575130521, -2.4334061415659682e-6, -2.2133876307347259e-8, -1.4114883926335278e-10,
  -6.666901694199329e-13, -2.4274498505193659e-15,
];
/** `e^x √x K₁(x)`. */
const k1Far = [
  1.3603130952422213, 0.10392373657681724, -0.0028578168596227794, 0.00019521551847135163, -1.936197974166083e-5, 2.4064849478372171e-6, -3.5019606030878125e-7, 5.7410841254500493e-8,
  -1.0345762465678097e-8, 2.0150497551970346e-9, -4.1903547593419256e-10, 9.2183151876053141e-11, -2.129967838427791e-11, 5.1396396734823435e-12, -1.2891739609498229e-12, 3.3484196660522431e-13,
  -8.9767051820101461e-14, 2.4771544242195987e-14, -7.0198370892147689e-15, 2.0387031662398609e-15, -6.0570472706430178e-16, 1.8380935752430454e-16, -5.6894628491936484e-17, 1.7940510478863573e-17,
];

/** `e^x K₀(x)` or `e^x K₁(x)`: ∞ at 0, NaN below. */
function scaledSecond(x: Tensor, order: 0 | 1): Tensor {
  const isFar = x.gt(2), close = select(isFar, 2, x), beyond = select(isFar, x, 2), isFinite = beyond.lt(Infinity);
  const t = close.square().mul(0.5).sub(1), logarithm = close.mul(0.5).log();
  const near = order === 0 ? chebyshev(t, k0Near).sub(logarithm.mul(close.i0())) : chebyshev(t, k1Near).div(close).add(logarithm.mul(close.i1()));
  const inverse = select(isFinite, select(isFinite, beyond, 1).reciprocal(), 0);
  const far = chebyshev(inverse.mul(4).sub(1), order === 0 ? k0Far : k1Far).mul(beyond.rsqrt());
  return select(x.eq(0), Infinity, select(isFar, far, near.mul(close.exp())));
}

/** Modified Bessel function of the second kind, order 0: ∞ at 0, NaN below. PyTorch: `torch.special.modified_bessel_k0`. */
export function modifiedBesselK0<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function modifiedBesselK0(this: Tensor): Tensor { const x = toFloat(this); return unscaled(x, scaledSecond(x, 0)); }

/** Modified Bessel function of the second kind, order 1: ∞ at 0, NaN below. PyTorch: `torch.special.modified_bessel_k1`. */
export function modifiedBesselK1<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function modifiedBesselK1(this: Tensor): Tensor { const x = toFloat(this); return unscaled(x, scaledSecond(x, 1)); }

/** `e^x K₀(x)`, which does not underflow. PyTorch: `torch.special.scaled_modified_bessel_k0`. */
export function scaledModifiedBesselK0<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function scaledModifiedBesselK0(this: Tensor): Tensor { return scaledSecond(toFloat(this), 0); }

/** `e^x K₁(x)`, which does not underflow. PyTorch: `torch.special.scaled_modified_bessel_k1`. */
export function scaledModifiedBesselK1<S extends Shape, D extends DType>(this: Tensor<S, D>): Floated<S, D>;
export function scaledModifiedBesselK1(this: Tensor): Tensor { return scaledSecond(toFloat(this), 1); }

const unscaled = (x: Tensor, scaled: Tensor): Tensor => scaled.mul(x.neg().exp());
