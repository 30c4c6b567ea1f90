import { defineModel, f32, grad, vjp, type Tensor } from "chainrule";

/** What `backward()` does in PyTorch, as functions of a graph. */
export default defineModel("autograd", (m) => {
  const square = { x: f32(2, 2) };
  const mean = (x: Tensor<[2, 2]>) => {
    const y = x.add(2), z = y.mul(y).mul(3);
    return { y, z, out: z.mean() };
  };
  m.fn("mean", square, ({ x }) => {
    const { y, z, out } = mean(x);
    return { y, z, out, gradient: grad(out, x) };
  });

  // gradients add up where you say so: in a state of your own
  const sum = m.state("sum", [2, 2]);
  m.fn("backward", { ...square, cotangent: f32() }, ({ x, cotangent }) => ({ updates: [[sum, sum.add(vjp(mean(x).out, x, cotangent))]] }));
  m.fn("zeroGrad", {}, () => ({ updates: [[sum, sum.zerosLike()]] }));

  // what is detached is a constant to the derivative
  m.fn("detach", { x: f32("N") }, ({ x }) => ({
    both: grad(x.mul(x).sum(), x),
    one: grad(x.mul(x.detach()).sum(), x),
    square: grad(x.square().detach().mul(x).sum(), x),
    squareAndMore: grad(x.square().detach().mul(x).add(x).sum(), x),
  }));
});
