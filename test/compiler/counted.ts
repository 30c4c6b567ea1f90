import { f32, grad, i32, losses, nn, type ModelBuilder, type Tensor } from "chainrule";

/** What is counted on more than one target. */

/** The function `f` of a 4-layer gelu MLP: its loss, and the gradients of all parameters. */
export function geluMlp(m: ModelBuilder): void {
  const sizes = [64, 128, 128, 128, 10];
  const layers = sizes.slice(1).map((n, i) => m.use(`fc${i}`, nn.linear(sizes[i], n)));
  m.fn("f", { x: f32("B", 64), label: i32("B") }, ({ x, label }) => {
    const logits = layers.reduce<Tensor>((h, layer, i) => (i < 3 ? layer(h).gelu() : layer(h)), x);
    const loss = losses.crossEntropy(logits, label);
    const params = layers.flatMap((l) => [l.weight, l.bias!]);
    return { loss, ...Object.fromEntries(grad(loss, params).map((g, i) => [`g${i}`, g])) };
  });
}
