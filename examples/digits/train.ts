/**
 * Trains the compiled digits model. Build it first: `npx chainrule build examples/digits/digits.model.ts --out
 * examples/digits/dist`, which `npm start` does.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { evaluate, fit, linePlot, sparkline, split, takeRows } from "chainrule/runtime";
import { load } from "./dist/digits/digits.js";
import { digits } from "./data.ts";

const epochs = Number(process.env["EPOCHS"] ?? 40);
// the held-out images are looked at once, at the end; when to stop is judged on others
const [seen, test] = split(digits(), 0.8, { seed: 1 });
const [train, validation] = split(seen, 0.9, { seed: 1 });
const model = await load({ seed: 1 });
console.log(`digits on ${model.device}: ${train["x"].shape[0]} images to train on, ${validation["x"].shape[0]} to judge by, ${test["x"].shape[0]} held out`);

const history = await fit({
  step: model.train, data: train, epochs, batchSize: 32, seed: 1, model,
  validation: { step: model.evaluate, data: validation },
  earlyStopping: { monitor: "val_loss", patience: 10 },
});

const { accuracy } = await evaluate(model.evaluate, test);
console.log(`loss      ${sparkline(history.series("loss"))}`);
console.log(`accuracy  ${(100 * accuracy).toFixed(2)} % of the held-out images`);

const out = fileURLToPath(new URL("./dist/", import.meta.url));
mkdirSync(out, { recursive: true });
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), validation: history.series("val_loss") }, { title: "digits: cross-entropy", xLabel: "epoch", yLabel: "loss", log: true }));
writeFileSync(`${out}trained.safetensors`, model.save());

const { probs } = await model.predict({ x: takeRows({ x: test["x"] }, [0, 1, 2])["x"] });
for (let i = 0; i < 3; i++) {
  const row = [...probs.data.subarray(10 * i, 10 * i + 10)];
  const best = row.indexOf(Math.max(...row));
  console.log(drawing(test["x"].data as Float32Array, i), `  read as ${best} (${(100 * row[best]).toFixed(1)} %), labelled ${test["label"].data[i]}\n`);
}
console.log(`artifact  ${out}digits/\nreport    ${out}digits/report.html\nplot      ${out}loss.svg\nweights   ${out}trained.safetensors`);

/** An image as characters, two for a pixel. */
function drawing(pixels: Float32Array, index: number): string {
  const rows = Array.from({ length: 8 }, (_, r) => [...pixels.subarray(64 * index + 8 * r, 64 * index + 8 * r + 8)]);
  return rows.map((row) => `  ${row.map((v) => " ░▒▓█"[Math.min(4, Math.floor(v * 5))].repeat(2)).join("")}`).join("\n");
}
