/**
 * The tensor with its methods. The class is in core.ts, so that the method files can use it; here the methods go on
 * its prototype, and everything that uses tensors imports them from here (or from index.ts).
 */
import { currentLocation, withLocation } from "../graph/location.ts";
import { explainingCall } from "../graph/misuse.ts";
import { argumentText, parametersText } from "./arguments.ts";
import { Tensor } from "./core.ts";
import { describe } from "./lift.ts";
import * as activations from "./methods/activations.ts";
import * as arithmetic from "./methods/arithmetic.ts";
import * as axes from "./methods/axes.ts";
import * as bessel from "./methods/bessel.ts";
import * as calculus from "./methods/calculus.ts";
import * as comparison from "./methods/comparison.ts";
import * as conversion from "./methods/conversion.ts";
import * as cumulative from "./methods/cumulative.ts";
import * as diagonals from "./methods/diagonals.ts";
import * as functions from "./methods/functions.ts";
import * as gamma from "./methods/gamma.ts";
import * as indexing from "./methods/indexing.ts";
import * as layout from "./methods/layout.ts";
import * as norms from "./methods/norms.ts";
import * as ordering from "./methods/ordering.ts";
import * as placing from "./methods/placing.ts";
import * as polynomials from "./methods/polynomials.ts";
import * as probability from "./methods/probability.ts";
import * as products from "./methods/products.ts";
import * as quantiles from "./methods/quantiles.ts";
import * as reductions from "./methods/reductions.ts";
import * as scattering from "./methods/scattering.ts";
import * as shape from "./methods/shape.ts";
import * as slicing from "./methods/slicing.ts";
import * as statistics from "./methods/statistics.ts";
import * as ternary from "./methods/ternary.ts";

const families: readonly Readonly<Record<string, unknown>>[] = [
  activations, arithmetic, axes, bessel, calculus, comparison, conversion, cumulative, diagonals, functions, gamma, indexing, layout,
  norms, ordering, placing, polynomials, probability, products, quantiles, reductions, scattering, shape, slicing, statistics, ternary,
];

for (const family of families)
  for (const [name, method] of Object.entries(family)) {
    if (typeof method !== "function" || name in Tensor.prototype) throw new Error(`internal: the tensor method ${name} is no function, or there are two`);
    Object.defineProperty(Tensor.prototype, name, {
      configurable: true,
      writable: true,
      // every op of a composition belongs to the line that called it
      value(this: Tensor, ...args: unknown[]): unknown {
        const text = (): string => `${this instanceof Tensor ? describe(this) : argumentText(this)}.${name}(${args.map(argumentText).join(", ")})`;
        return withLocation(currentLocation(), () => explainingCall(name, text, () => parametersText(method), () => method.apply(this, args)));
      },
    });
  }

export { Tensor, wrap } from "./core.ts";
