import { tensor as tensorOf, Tensor, type Float, type Layer } from "chainrule";
import type { Value } from "../../../ir/graph/index.ts";
import type { NdArray } from "../../../ir/interpret/index.ts";
import { scopeOf } from "../../conformance/scope.ts";
import type { Entry, GradientCase, Table } from "../../ir/gradients/check.ts";
import { elementwise } from "../../ir/gradients/elementwise.ts";
import { functional } from "../../ir/gradients/functional.ts";
import { functions } from "../../ir/gradients/functions.ts";
import { layers } from "../../ir/gradients/layers.ts";
import { linalg } from "../../ir/gradients/linalg.ts";
import { losses } from "../../ir/gradients/losses.ts";
import { methods } from "../../ir/gradients/methods.ts";
import { parametersOf } from "../../ir/layers.ts";
import type { Builder } from "./builder.ts";
import { fact } from "./fact.ts";

/** Every export that is differentiated, with its cases. */
const tables: readonly (readonly [prefix: string, table: Table])[] = [
  ["nn.", layers], ["nn.functional.", functional], ["losses.", losses], ["linalg.", linalg], ["", functions], ["x.", { ...elementwise, ...methods }],
];
const random = "draws random numbers or keeps state, in one of its cases; a random program has neither";
const jumps = "jumps, and would be fed rounded values; its op is drawn on exact ones";

/** Exports that random programs do not draw, and why. Others have no gradient, for which the test of gradients has the reason. */
export const notDrawn = new Map<string, string>([
  ...["dropout", "dropout1d", "dropout2d", "dropout3d", "alphaDropout", "featureAlphaDropout", "rrelu", "positionalEncoding", "buffer", "batchNorm1d", "batchNorm2d", "batchNorm3d", "instanceNorm1d", "instanceNorm2d", "instanceNorm3d", "lstm", "multiheadAttention", "transformerEncoderLayer"].map((n) => [`nn.${n}`, random] as const),
  ...["dropout", "alphaDropout", "channelDropout", "featureAlphaDropout", "rrelu", "gumbelSoftmax", "scaledDotProductAttention"].map((n) => [`nn.functional.${n}`, random] as const),
  ...["floor", "ceil", "round", "trunc", "sign", "floorDivide", "fmod", "remainder", "frac", "mode"].map((n) => [`x.${n}`, jumps] as const),
]);

/** What is drawn: the cases of each export; and what is not, with the reason. */
export function vocabulary(): { drawn: Map<string, readonly GradientCase[]>; left: Map<string, string> } {
  const drawn = new Map<string, readonly GradientCase[]>(), left = new Map<string, string>();
  for (const [prefix, table] of tables)
    for (const [name, entry] of Object.entries(table)) {
      const why = notDrawn.get(prefix + name) ?? (typeof entry === "string" ? entry : undefined);
      if (why !== undefined) left.set(prefix + name, why);
      else drawn.set(prefix + name, casesOf(entry));
    }
  return { drawn, left };
}
const casesOf = (entry: Entry): readonly GradientCase[] => (typeof entry === "string" ? [] : Array.isArray(entry) ? entry : [entry as GradientCase]);
const all = [...vocabulary().drawn];

/** One export of the library, called as the test of gradients calls it, on numbers of `s` brought within its domain. */
export function word(b: Builder, s: Value): Value | undefined {
  if (!b.floats.includes("f64") || (s.type.dtype !== "f64" && s.type.dtype !== "f32")) return undefined;
  const { inputs, layer } = b.random.pick(b.random.pick(all)[1]);
  const source = new Tensor(s).convert("f64").flatten() as Tensor;
  /** Numbers of their own, in the domain of the case, moved a little by what came before: no two are the same. */
  const fitted = (given: readonly number[] | NdArray): Tensor => {
    const shape = "data" in given ? given.shape : given, size = shape.reduce((n, d) => n * d, 1);
    const [low, high] = "data" in given ? [Math.min(...given.data), Math.max(...given.data)] : [-1, 1];
    const own = Float64Array.from({ length: size }, () => 2 * b.random.unit() - 1);
    const shift = source.mean().tanh().mul(0.05) as Tensor;
    return (shift.add(tensorOf(own, "f64").mul(0.95)).add(1).mul((high - low) / 2).add(low) as Tensor).reshape(shape) as Tensor;
  };
  const made = layer as Layer<(...xs: Tensor[]) => Tensor | readonly Tensor[], Float>;
  const params = new Map([...parametersOf(made)].map(([p, shape]) => [p, fitted(shape)]));
  const result = made(scopeOf((p) => params.get(p)))(...inputs.map(fitted));
  const parts = (result instanceof Tensor ? [result] : result).map((y: Tensor): Tensor => y.tanh().mean() as Tensor);
  const folded = parts.reduce((x, y) => x.add(y) as Tensor).div(parts.length).convert(s.type.dtype) as Tensor;
  return b.know(folded.expand(s.type.shape).value, fact(-1, 1));
}
