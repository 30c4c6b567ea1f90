/** Trains the compiled convolutional network. `npm run example cnn-digits` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, takeRows } from "chainrule/runtime";
import { images } from "../common/pictures.ts";
import { agreement } from "../common/torch-run.ts";
import { load } from "./dist/cnn-digits/cnn-digits.js";
import { firstLosses, run, trainCnn } from "./recipe.ts";

const model = await load({ weights: run.weights });
console.log(agreement(await firstLosses(model), run));
model.reset(1);

const { history, accuracy, test } = await trainCnn(model, { seed: 1 });
console.log(`loss      ${sparkline(history.series("loss").map(Math.log))}`);
console.log(`accuracy  ${(100 * accuracy).toFixed(2)} % of the ${test.x.shape[0]} held-out images, on ${model.device}`);

const { probs } = await model.predict({ x: test.x });
const wrong = probs.toNested().flatMap((row, i) => {
  const read = row.indexOf(Math.max(...row));
  return read === test.label.data[i] ? [] : [{ i, read }];
});
for (const { i, read } of wrong) console.log(`          image ${i} is a ${test.label.data[i]}, and was read as ${read}`);

const out = fileURLToPath(new URL("./dist/", import.meta.url));
if (wrong.length > 0) {
  writeFileSync(`${out}wrong.svg`, images(takeRows(test, wrong.map(({ i }) => i)).x.data, wrong.length, 12));
  console.log(`misread   ${out}wrong.svg`);
}
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), "held out": history.series("val_loss") }, { title: "cnn-digits: cross-entropy", xLabel: "epoch", yLabel: "loss", log: true }));
console.log(`plot      ${out}loss.svg`);
