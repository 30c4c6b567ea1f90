import { check } from "../graph/error.ts";
import { shapeText } from "../types/index.ts";

/**
 * How many inputs and outputs one unit of a weight has: `[out, in, …kernel]`, the kernel's size counting for both.
 * As `torch.nn.init._calculate_fan_in_and_fan_out`. Throws for fewer than two dimensions.
 */
export function fanInAndOut(shape: readonly number[]): { fanIn: number; fanOut: number } {
  check(shape.length >= 2, () => `fan in and fan out need a weight of two or more dimensions, not ${shapeText(shape)}`, "use init.uniform, init.normal, init.zeros, init.ones or init.constant");
  const receptive = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1] * receptive, fanOut: shape[0] * receptive };
}

/** What follows a weight; `leakyRelu` has a slope. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** Recommended gain for a nonlinearity, as `torch.nn.init.calculate_gain`. `slope` is that of `leakyRelu` (default 0.01). */
export function gainOf(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case "linear": case "sigmoid": return 1;
    case "tanh": return 5 / 3;
    case "relu": return Math.SQRT2;
    case "leakyRelu": return Math.sqrt(2 / (1 + slope ** 2));
    case "selu": return 3 / 4;
  }
}
