import { defineModel, f32, nn, optim } from "chainrule";

/** Layers enough for some of what they compute to be worth computing again. */
export default defineModel("deep", (m) => {
  const layers = Array.from({ length: 6 }, (_, i) => m.use(`fc${i}`, nn.linear(16, 16)));
  m.trainStep("train", { x: f32("B", 16) }, ({ x }) => layers.reduce((h, fc) => fc(h).gelu(), x).pow(2).mean(), optim.sgd({ lr: 0.1 }));
});
