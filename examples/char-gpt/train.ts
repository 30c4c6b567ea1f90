/** Trains the compiled transformer as PyTorch was trained, and lets it write. `npm run example char-gpt` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot } from "chainrule/runtime";
import { agreement } from "../common/torch-run.ts";
import { load } from "./dist/char-gpt/char-gpt.js";
import { firstLosses, run, trainGpt, write } from "./recipe.ts";

console.log(agreement(await firstLosses(await load({ weights: run.weights })), run));

const model = await load({ weights: run.weights });
const curves = { training: { x: [] as number[], y: [] as number[] }, "held out": { x: [] as number[], y: [] as number[] } };
await trainGpt(model, run.steps, 50, (step, loss, heldOut) => {
  console.log(`step ${String(step).padStart(3)}  loss ${loss.toFixed(4)}  held out ${heldOut.toFixed(4)}`);
  for (const [curve, value] of [[curves.training, loss], [curves["held out"], heldOut]] as const) {
    curve.x.push(step);
    curve.y.push(value);
  }
});
console.log(`loss      ${curves["held out"].y.at(-1)!.toFixed(4)} nats a character on held-out text after ${run.steps} steps, on ${model.device}; PyTorch ${run.torch} has ${run.validation.toFixed(4)}`);

for (const start of ["ROMEO:\n", "First Citizen:\n", "My lord"]) console.log(`\n${(await write(model, start, 0.6, Math.random)).replace(/^/gm, "  │ ")}`);

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}loss.svg`, linePlot(curves, { title: "char-gpt: cross-entropy", xLabel: "step", yLabel: "nats a character" }));
console.log(`\nplot      ${out}loss.svg`);
