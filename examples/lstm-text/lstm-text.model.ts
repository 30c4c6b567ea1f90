import { defineModel, f32, i32, losses, nn, optim, type Tensor } from "chainrule";

const characters = 61, hidden = 64;

/** Continues a text, character by character: a long short-term memory over texts of any length T. */
export default defineModel("lstm-text", (m) => {
  const embed = m.use("embed", nn.embedding(characters, 32));
  const lstm = m.use("lstm", nn.lstm(32, hidden, { batchFirst: true }));
  const head = m.use("head", nn.linear(hidden, characters));

  type Tokens = Tensor<["B", "T"], "i32">;
  const loss = (tokens: Tokens, next: Tokens) => {
    const [outputs] = lstm(embed(tokens));
    return losses.crossEntropy(head(outputs).flatten(0, 1), next.flatten());
  };

  // of a text: the chances of the character behind it, and the memory to go on from
  m.fn("predict", { tokens: i32(1, "T"), h: f32(1, 1, hidden), c: f32(1, 1, hidden), temperature: f32() }, ({ tokens, h, c, temperature }) => {
    const [outputs, [nextH, nextC]] = lstm(embed(tokens), [h, c]);
    return { chances: head(outputs.select(1, "T-1")).div(temperature).softmax(-1).squeeze(0), h: nextH, c: nextC };
  });
  m.fn("evaluate", { tokens: i32("B", "T"), next: i32("B", "T") }, ({ tokens, next }) => ({ loss: loss(tokens, next) }));
  m.trainStep("train", { tokens: i32("B", "T"), next: i32("B", "T") }, ({ tokens, next }) => loss(tokens, next), optim.adam({ lr: 5e-3 }), { clip: optim.clipGradNorm(1) });
});
