import { cat, defineModel, f32, losses, nn, optim, type Scope, type Tensor } from "chainrule";

/** Two convolutions, each normalised by groups of channels. */
const stage = (from: number, to: number) => nn.sequential(
  nn.conv2d(from, to, 3, { padding: 1 }), nn.groupNorm(4, to), nn.silu(),
  nn.conv2d(to, to, 3, { padding: 1 }), nn.groupNorm(4, to), nn.silu(),
);

/**
 * A U-Net (Ronneberger et al. 2015) of three sizes: what a stage finds on the way down is set beside what comes back up.
 * `[B, 1, 8, 8]` to the same.
 */
function unet(scope: Scope): (x: Tensor) => Tensor {
  const down1 = scope.use("down1", stage(1, 12)), down2 = scope.use("down2", stage(12, 24)), middle = scope.use("middle", stage(24, 24));
  const up2 = scope.use("up2", stage(48, 24)), up1 = scope.use("up1", stage(36, 12)), out = scope.use("out", nn.conv2d(12, 1, 1));
  const halved = (x: Tensor): Tensor => nn.functional.maxPool2d(x, 2), doubled = (x: Tensor): Tensor => nn.functional.interpolate(x, { scaleFactor: 2 });
  return (x) => {
    const a = down1(x), b = down2(halved(a)), c = middle(halved(b));
    return out(up1(cat([a, doubled(up2(cat([b, doubled(c)], 1)))], 1)));
  };
}

/** Takes the noise out of handwritten digits: 8×8 images, noisy in, clean out. */
export default defineModel("unet-denoise", (m) => {
  const net = m.use("net", unet);
  // the network says what the noise is
  const denoised = (noisy: Tensor<["B", 64]>) => noisy.sub(net(noisy.reshape(["B", 1, 8, 8])).reshape(["B", 64]));

  m.fn("denoise", { noisy: f32("B", 64) }, ({ noisy }) => ({ image: denoised(noisy) }));
  m.fn("evaluate", { noisy: f32("B", 64), clean: f32("B", 64) }, ({ noisy, clean }) => ({ loss: losses.mse(denoised(noisy), clean) }));
  m.trainStep("train", { noisy: f32("B", 64), clean: f32("B", 64) }, ({ noisy, clean }) => losses.mse(denoised(noisy), clean), optim.adam({ lr: 2e-3 }));
});
