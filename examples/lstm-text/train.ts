/** Trains the compiled recurrent network, and lets it write. `npm run example lstm-text` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, tensor } from "chainrule/runtime";
import { draw, encode, vocabulary } from "../common/shakespeare.ts";
import { agreement } from "../common/torch-run.ts";
import { load } from "./dist/lstm-text/lstm-text.js";
import { firstLosses, run, trainLstm } from "./recipe.ts";

const model = await load({ weights: run.weights });
console.log(agreement(await firstLosses(model), run));
model.reset(1);

const { history, loss } = await trainLstm(model, { seed: 1 });
console.log(`loss      ${sparkline(history.series("loss"))}`);
console.log(`loss      ${loss.toFixed(3)} nats a character on text not trained on (${(loss / Math.log(2)).toFixed(2)} bits), on ${model.device}`);

/** Continues a text: first the whole of it is read, then each character drawn. */
async function write(start: string, count: number): Promise<string> {
  let h: Float32Array = new Float32Array(64), c: Float32Array = new Float32Array(64), tokens = encode(start), written = start;
  for (let i = 0; i < count; i++) {
    const step = await model.predict({ tokens: tensor(tokens, [1, -1]), h, c, temperature: 0.6 });
    h = step.h.data;
    c = step.c.data;
    tokens = Int32Array.of(draw(step.chances.data, Math.random()));
    written += vocabulary[tokens[0]];
  }
  return written;
}
console.log(`\n${(await write("ROMEO:\n", 400)).replace(/^/gm, "  │ ")}\n`);

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), "held out": history.series("val_loss") }, { title: "lstm-text: cross-entropy", xLabel: "epoch", yLabel: "nats a character" }));
console.log(`plot      ${out}loss.svg`);
