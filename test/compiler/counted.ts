import { f32, grad, i32, losses, nn, type Layer, type ModelBuilder, type Scope, type Tensor } from "chainrule";
import { make } from "../../ir/model/scope.ts";

/** What is counted on more than one target. */

/** A layer of a model, and the parameters that it has made. */
export function withParameters<T>(m: ModelBuilder, name: string, layer: Layer<T>): { readonly apply: T; readonly params: readonly Tensor[] } {
  const params: Tensor[] = [];
  const noting = (scope: Scope): Scope => ({
    ...scope,
    param: ((...args: Parameters<Scope["param"]>) => {
      const p = scope.param(...args);
      params.push(p as Tensor);
      return p;
    }) as Scope["param"],
    use: (part: string, inner: Layer<unknown>) => scope.use(part, (s) => make(inner, noting(s))),
  } as Scope);
  return { apply: m.use(name, (scope) => make(layer, noting(scope))), params };
}

const gradients = (loss: Tensor, params: readonly Tensor[]): Record<string, Tensor> => Object.fromEntries(grad(loss, params).map((g, i) => [`g${i}`, g]));

/** A recurrent layer over a text of any length: `f`, and `g`, its loss and the gradients of all parameters. */
export function recurrent(layer: Layer<(x: Tensor) => readonly [Tensor, unknown]>): (m: ModelBuilder) => void {
  return (m) => {
    const { apply, params } = withParameters(m, "layer", layer);
    m.fn("f", { x: f32("T", "B", 16) }, ({ x }) => ({ y: apply(x)[0] }));
    m.fn("g", { x: f32("T", "B", 16), y: f32("T", "B", 32) }, ({ x, y }) => {
      const loss = losses.mse(apply(x)[0], y);
      return { loss, ...gradients(loss, params) };
    });
  };
}

/** The function `f` of a 4-layer gelu MLP: its loss, and the gradients of all parameters. */
export function geluMlp(m: ModelBuilder): void {
  const sizes = [64, 128, 128, 128, 10];
  const layers = sizes.slice(1).map((n, i) => m.use(`fc${i}`, nn.linear(sizes[i], n)));
  m.fn("f", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => {
    const logits = layers.reduce<Tensor>((h, layer, i) => (i < 3 ? layer(h).gelu() : layer(h)), x);
    const loss = losses.crossEntropy(logits, label);
    const params = layers.flatMap((l) => [l.weight, l.bias!]);
    return { loss, ...gradients(loss, params) };
  });
}

/** A block of a causal transformer, normalised before its parts (Xiong et al. 2020): `f`, and `g`, its loss and the gradients of all parameters. */
export function transformerBlock(m: ModelBuilder): void {
  const width = 64;
  const { apply, params } = withParameters(m, "block", nn.transformerEncoderLayer(width, 4, { dimFeedforward: 4 * width, dropout: 0, activation: "gelu", batchFirst: true, normFirst: true }));
  const block = (x: Tensor): Tensor => apply(x, { isCausal: true });
  m.fn("f", { x: f32("B", "T", width) }, ({ x }) => ({ y: block(x) }));
  m.fn("g", { x: f32("B", "T", width), y: f32("B", "T", width) }, ({ x, y }) => {
    const loss = losses.mse(block(x), y);
    return { loss, ...gradients(loss, params) };
  });
}
