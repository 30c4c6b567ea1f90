/** A two-layer net that learns eight random points in 500 steps. */
import { readFileSync, writeFileSync } from "node:fs";
import { linePlot, sparkline } from "chainrule/runtime";
import { load } from "./dist/net/net.js";

/** Normal random numbers, drawn once (numpy's `default_rng(7)`): PyTorch's losses from these are known. */
type Drawn = Record<"x" | "y" | "w1" | "w2", number[][]>;
const { x, y, w1, w2 } = JSON.parse(readFileSync(new URL("./data/net.json", import.meta.url), "utf8")) as Drawn;

const model = await load();
model.write("w1", w1);
model.write("w2", w2);

export const losses: number[] = [];
for (let step = 1; step <= 500; step++) {
  const { loss } = await model.step({ x, y, lr: 1e-4 });
  losses.push(loss.item());
  if (step % 100 === 0) console.log(`step ${step}   loss ${loss.item().toFixed(4)}`);
}
export const trained = { w1: model.read("w1").toNested(), w2: model.read("w2").toNested() };
console.log(sparkline(losses.map(Math.log)));
writeFileSync(new URL("./dist/net.svg", import.meta.url), linePlot({ loss: losses }, { title: "two layers", xLabel: "step", yLabel: "squared error", log: true }));
export const summary = `the loss goes from ${losses[0].toFixed(1)} to ${losses[499].toFixed(4)} in 500 steps`;
