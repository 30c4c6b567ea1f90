import { defineModel, f32, losses, nn, optim, random, type Tensor } from "chainrule";

/** Width of the code that an image is told by. */
const code = 2;

/**
 * A variational autoencoder of handwritten digits (Kingma & Welling 2014): an 8×8 image to the mean and the log variance
 * of a normal code of two numbers, and such a code back to an image.
 */
export default defineModel("vae-digits", (m) => {
  const encoder = m.use("encoder", nn.sequential(nn.linear(64, 64), nn.relu(), nn.linear(64, 32), nn.relu()));
  const mean = m.use("mean", nn.linear(32, code));
  const logVariance = m.use("logVariance", nn.linear(32, code));
  const decoder = m.use("decoder", nn.sequential(nn.linear(code, 32), nn.relu(), nn.linear(32, 64), nn.relu(), nn.linear(64, 64)));

  /** The negative evidence lower bound an image: how badly it is told by its code, and how far codes are from N(0, 1). */
  const bound = (x: Tensor<["B", 64]>, noise: Tensor<["B", 2]>) => {
    const hidden = encoder(x), mu = mean(hidden), logVar = logVariance(hidden);
    const image = decoder(mu.add(logVar.mul(0.5).exp().mul(noise)));
    const reconstruction = losses.bceWithLogits(image, x, { reduction: "none" }).sum(-1).mean();
    const divergence = mu.square().add(logVar.exp()).sub(logVar).sub(1).sum(-1).mean().mul(0.5);
    return { loss: reconstruction.add(divergence), reconstruction, divergence };
  };
  const adam = optim.adam({ lr: 2e-3 });

  m.fn("encode", { x: f32("B", 64) }, ({ x }) => ({ mean: mean(encoder(x)) }));
  m.fn("decode", { code: f32("B", code) }, ({ code }) => ({ image: decoder(code).sigmoid() }));
  m.fn("evaluate", { x: f32("B", 64) }, ({ x }) => bound(x, random.normal({ shape: ["B", code] })));
  m.trainStep("train", { x: f32("B", 64) }, ({ x }) => bound(x, random.normal({ shape: ["B", code] })), adam);
  // the same step with noise from outside, to be compared with another program's
  m.trainStep("trainWith", { x: f32("B", 64), noise: f32("B", code) }, ({ x, noise }) => bound(x, noise), adam);
});
