/**
 * Trains the compiled digits model. Build it first: `npx chainrule build examples/digits/digits.model.ts --out
 * examples/digits/dist`, which `npm start` does.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, takeRows } from "chainrule/runtime";
import { load } from "./dist/digits/digits.js";
import { trainDigits } from "./recipe.ts";

const model = await load({ seed: 1 });
const { history, accuracy, test } = await trainDigits(model, { seed: 1 });
console.log(`loss      ${sparkline(history.series("loss"))}`);
console.log(`accuracy  ${(100 * accuracy).toFixed(2)} % of the ${test.x.shape[0]} held-out images, on ${model.device}`);

const { x, label } = takeRows(test, [0, 1, 2]);
const { probs } = await model.predict({ x });
for (const [i, row] of probs.toNested().entries()) {
  const best = row.indexOf(Math.max(...row));
  console.log(`${drawing(x.data.subarray(64 * i, 64 * i + 64))}  read as ${best} (${(100 * row[best]).toFixed(1)} %), labelled ${label.data[i]}\n`);
}

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), validation: history.series("val_loss") }, { title: "digits: cross-entropy", xLabel: "epoch", yLabel: "loss", log: true }));
writeFileSync(`${out}trained.safetensors`, model.save());
console.log(`artifact  ${out}digits/\nreport    ${out}digits/report.html\nplot      ${out}loss.svg\nweights   ${out}trained.safetensors`);

/** An image of 8×8 pixels as characters, two for a pixel. */
function drawing(pixels: Float32Array): string {
  const rows = Array.from({ length: 8 }, (_, r) => [...pixels.subarray(8 * r, 8 * r + 8)]);
  return rows.map((row) => `  ${row.map((v) => " ░▒▓█"[Math.min(4, Math.floor(v * 5))].repeat(2)).join("")}`).join("\n");
}
