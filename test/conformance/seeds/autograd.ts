import { custom, defineModel, f32, grad, stopGradient, vjp, whileLoop, type Tensor } from "chainrule";
import { numberOf, requiresGrad, type SeedProgram, type SeedPrograms } from "./run.ts";

/** `y = 2x`, doubled while its norm is below 1000; and the vector-Jacobian product of all that. */
const doublingLoop: SeedProgram = async (s) => {
  const { loop_iterations, total_factor, ...rest } = await s.run(["x", "vector"], ({ x, vector }) => {
    const { y, trips, factor } = whileLoop(
      { y: x.mul(2), trips: x.sum().mul(0).int(), factor: x.sum().mul(0).add(2) },
      ({ y }) => y.norm().lt(1000),
      ({ y, trips, factor }) => ({ y: y.mul(2), trips: trips.add(1), factor: factor.mul(2) }),
      { maxTrips: 64 },
    );
    return { loop_iterations: trips, total_factor: factor, y, y_norm: y.norm(), x_grad: vjp(y, [x], vector)[0] };
  });
  s.expectAll(rest);
  s.expect("loop_iterations", numberOf(loop_iterations));
  s.expect("total_factor", numberOf(total_factor));
};

/** x cubed, with a rule of its own that is not its derivative, so that one sees whose rule ran. */
const cube = custom({
  name: "cube",
  forward: (x: Tensor) => x.pow(3),
  backward: (g, { operands: [x] }) => g.mul(3).mul(x.square()).add(1),
});

/** Gradients: what is tracked, what accumulates, and what stands for `detach` and `no_grad`. */
export const autograd: SeedPrograms = {
  "seed0/tensor_ops_grads": (s) => s.evaluate(["tensor1", "tensor2"], ({ tensor1, tensor2 }) => {
    const total = tensor1.matmul(tensor2).mul(tensor1.div(tensor2)).sum();
    const [tensor1_grad, tensor2_grad] = grad(total, [tensor1, tensor2]);
    return { tensor1_grad, tensor2_grad };
  }),
  "seed0/requires_grad_flags": (s) => {
    const model = defineModel("flags", (m) => {
      const w = m.param("w", [3, 2]);
      m.fn("train", { x: f32(3, 3) }, ({ x }: { x: Tensor }) => {
        s.expect("x_times_x", requiresGrad(x.mul(x), w));
        s.expect("x_mm_w", requiresGrad(x.mm(w), w));
        const loss = x.mm(w).sum();
        return { outputs: { loss }, updates: [[w, w.sub(grad(loss, [w])[0])]] };
      });
    });
    // the data get no gradient: only a parameter is ever updated
    s.expect("x_grad_after_backward_is_none", model.functions[0].updates.every((u) => u.variable !== "x"));
  },
  "seed1/mean_of_squares": (s) => s.evaluate(["x"], ({ x }) => {
    const y = x.add(2), z = y.mul(y).mul(3), out = z.mean();
    s.expect("y_has_grad_fn", isResult(y));
    s.expect("x_has_grad_fn", isResult(x));
    return { y, z, out, x_grad: grad(out, [x])[0] };
  }),
  "seed1/grad_accumulates": async (s) => {
    const x = s.tensor("x");
    const model = defineModel("accumulate", (m) => {
      const total = m.state("grad", x.shape);
      m.fn("backward", { x: f32(...x.shape), scale: f32() }, (given: Readonly<Record<string, Tensor>>) => {
        const y = given.x.add(2), out = y.mul(y).mul(3).mean();
        return { outputs: {}, updates: [[total, total.add(vjp(out, [given.x], given.scale)[0])]] };
      });
      m.fn("zeroGrad", {}, () => ({ outputs: {}, updates: [[total, total.zerosLike()]] }));
    });
    const executable = await s.load(model);
    const backward = (scale: number) => executable.call("backward", { x, scale: { dtype: "f32", shape: [], data: Float64Array.of(scale) } });
    await backward(1);
    s.expect("after_first", executable.variable("grad"));
    await backward(1);
    s.expect("after_second", executable.variable("grad"));
    await executable.call("zeroGrad", {});
    await backward(0.5);
    s.expect("after_zero_and_half", executable.variable("grad"));
  },
  "seed1/backward_needs_scalar": async (s) => {
    await s.run(["x"], ({ x }) => {
      s.expectRefused("is_error", () => grad(x.mul(2), [x]));
      return { x };
    });
  },
  "seed1/requires_grad_inplace": (s) => s.evaluate(["a0"], ({ a0 }) => {
    const tracked = a0.mul(3).div(a0.sub(1)), a = stopGradient(tracked);
    const square = (t: Tensor): Tensor => t.mul(t).sum();
    s.expect("requires_grad_before", requiresGrad(a, a0));
    const b = square(a);
    s.expect("requires_grad_after", requiresGrad(b, a));
    return { a, b, a_grad: grad(b, [a])[0], a0_grad_when_tracked_from_start: grad(square(tracked), [a0])[0] };
  }),
  "seed1/doubling_loop_*": doublingLoop,
  "seed1/no_grad_flags": async (s) => {
    await s.run(["x"], ({ x }) => {
      const square = x.square();
      s.expect("x_requires_grad", requiresGrad(x, x));
      s.expect("square_requires_grad", requiresGrad(square, x));
      s.expect("square_in_no_grad_requires_grad", requiresGrad(stopGradient(square), x));
      s.expect("x_in_no_grad_requires_grad", requiresGrad(x, x));
      s.expect("square_in_enable_grad_inside_no_grad", requiresGrad(square, x));
      s.expect("detached_requires_grad", requiresGrad(x.detach(), x));
      return { x };
    });
  },
  "seed1/detach_gradients": (s) => s.evaluate(["x"], ({ x }) => {
    const derivative = (y: Tensor): Tensor => grad(y.sum(), [x])[0];
    return {
      x_times_x: derivative(x.mul(x)),
      x_times_detached_x: derivative(x.mul(x.detach())),
      square_under_no_grad_times_x: derivative(stopGradient(x.square()).mul(x)),
      detached_square_times_x_plus_x: derivative(x.mul(x).detach().mul(x).add(x)),
    };
  }),
  "seed3/relu_mse": (s) => s.evaluate(["x", "y"], ({ x, y }) => {
    const relu = x.relu(), loss = relu.sub(y).square().mean();
    return { relu, mse_of_relu: loss, x_grad: grad(loss, [x])[0] };
  }),
  "seed3/custom_function": (s) => s.evaluate(["x"], ({ x }) => {
    const y = cube(x);
    return { y, x_grad: grad(y.mul(2).sum(), [x])[0] };
  }),
};

/** Whether a tensor was computed from others, as opposed to declared: what `grad_fn` tells. */
const isResult = (x: Tensor): boolean => x.value.node.inputs.length > 0;
