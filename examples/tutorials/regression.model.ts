import { defineModel, f32, losses, nn, optim, type Scope, type Tensor } from "chainrule";

/** A layer of one's own, as a class: its parameters are made in the constructor, and used in `forward`. */
class LinearRegression {
  private readonly linear;
  constructor(scope: Scope, features: number) { this.linear = scope.use("linear", nn.linear(features, 1)); }
  forward(x: Tensor): Tensor { return this.linear(x); }
}

const regression = (name: string, features: number, lr: number) => defineModel(name, (m) => {
  const net = m.use("net", (scope) => new LinearRegression(scope, features));
  m.fn("predict", { x: f32("B", features) }, ({ x }) => ({ y: net.forward(x) }));
  m.trainStep("train", { x: f32("B", features), y: f32("B", 1) }, ({ x, y }) => losses.mse(net.forward(x), y), optim.sgd({ lr }));
});

export const line = regression("line", 1, 0.01);
export const plane = regression("plane", 3, 0.1);
