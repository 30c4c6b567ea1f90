/** The linear model y = w·x: its loss for every w from 0 to 4, and a plot of it. */
import { writeFileSync } from "node:fs";
import { linePlot } from "chainrule/runtime";
import { load } from "./dist/sweep/sweep.js";

const x = [1, 2, 3], y = [2, 4, 6];
const w = Array.from({ length: 41 }, (_, i) => 0.1 * i);

const model = await load();
const { mse, best } = await model.sweep({ x, y, w });
export const losses = mse.toNested();
for (let i = 0; i < w.length; i += 10) console.log(`w = ${w[i].toFixed(1)}   loss ${losses[i].toFixed(4)}`);

writeFileSync(new URL("./dist/sweep.svg", import.meta.url), linePlot({ loss: { x: w, y: losses } }, { title: "y = w·x: mean squared error", xLabel: "w", yLabel: "loss" }));
export const bestW = best.item();
export const summary = `the loss is least at w = ${bestW.toFixed(1)}`;
