import { grad, nn } from "chainrule";
import type { SeedPrograms } from "./run.ts";

/** Convolution of a volume, with its gradients. */
export const convolution: SeedPrograms = {
  "seed3/conv3d": (s) => s.evaluate(["x", "weight", "bias"], ({ x, weight, bias }) => {
    const y = nn.functional.conv3d(x, weight, bias, { stride: s.numbers("stride"), padding: s.numbers("padding") });
    s.expect("y_shape", y.shape);
    const [x_grad, weight_grad, bias_grad] = grad(y.square().mean(), [x, weight, bias]);
    return { y, x_grad, weight_grad, bias_grad };
  }),
};
