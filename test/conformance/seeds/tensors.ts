import { grad, type Tensor } from "chainrule";
import type { SeedProgram, SeedPrograms } from "./run.ts";

/** The two 2x2x2 tensors of the post, combined elementwise. */
const combine = (f: (a: Tensor, b: Tensor) => Tensor): SeedProgram =>
  (s) => s.evaluate(["tensor1", "tensor2"], ({ tensor1, tensor2 }) => ({ result: f(tensor1, tensor2) }));

/** `w1 x`, sigmoid, `w2 (.)`, softmax and a loss, with the gradient of every intermediate. */
const chain = (loss: (probabilities: Tensor, target: Tensor) => Tensor): SeedProgram => async (s) => {
  const results = await s.run(["x", "w1", "w2", "target"], ({ x, w1, w2, target }) => {
    const w1x = w1.mv(x);
    const sigmoid = w1x.sigmoid();
    const w2s = w2.mv(sigmoid);
    const softmax = w2s.softmax(0);
    const l = loss(softmax, target);
    const [gSoftmax, gW2s, gW2, gSigmoid, gW1x, gW1] = grad(l, [softmax, w2s, w2, sigmoid, w1x, w1]);
    return { w1x, sigmoid, w2s, softmax, loss: l, gSoftmax, gW2s, gW2, gSigmoid, gW1x, gW1 };
  });
  const { gSoftmax, gW2s, gW2, gSigmoid, gW1x, gW1, ...values } = results;
  s.expectAll(values);
  s.expect("grads", { softmax: gSoftmax, w2s: gW2s, w2: gW2, sigmoid: gSigmoid, w1x: gW1x, w1: gW1 });
};
const crossEntropy = (p: Tensor, target: Tensor): Tensor => target.mul(p.log()).sum().neg();
const squaredError = (p: Tensor, target: Tensor): Tensor => p.sub(target).square().sum();

export const tensors: SeedPrograms = {
  "seed0/tensor_add": combine((a, b) => a.add(b)),
  "seed0/tensor_sub": combine((a, b) => a.sub(b)),
  "seed0/tensor_mul": combine((a, b) => a.mul(b)),
  "seed0/tensor_div": combine((a, b) => a.div(b)),
  "seed0/tensor_matmul": combine((a, b) => a.matmul(b)),
  "seed0/sigmoid_softmax_chain_cross_entropy_*": chain(crossEntropy),
  "seed0/sigmoid_softmax_chain_squared_error_*": chain(squaredError),
};
