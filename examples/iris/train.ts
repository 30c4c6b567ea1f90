/** Trains the compiled iris model. `npm run example iris` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, tensor } from "chainrule/runtime";
import { agreement } from "../common/torch-run.ts";
import { cells } from "../common/pictures.ts";
import { mean, species, standardized } from "./data.ts";
import { load } from "./dist/iris/iris.js";
import { firstLosses, run, trainIris } from "./recipe.ts";

const model = await load({ weights: run.weights });
console.log(agreement(await firstLosses(model), run));
model.reset(1);

const { history, accuracy } = await trainIris(model, { seed: 1 });
console.log(`loss      ${sparkline(history.series("loss"))}`);
console.log(`accuracy  ${(100 * accuracy).toFixed(1)} % of the 45 held-out flowers, on ${model.device}`);

// which species it takes a flower for, by the size of its petals; sepals of the mean size
const columns = 70, rows = 26;
const flowers = Array.from({ length: rows * columns }, (_, i) => [mean[0], mean[1], (7 * (i % columns)) / columns, 2.6 * (1 - Math.floor(i / columns) / rows)]);
const { probs } = await model.predict({ x: tensor(standardized(flowers.flat()), [-1, 4]) });
const map = probs.toNested();
const colours = [[37, 99, 235], [5, 150, 105], [217, 119, 6]];
const mixed = (p: readonly number[]): string => `rgb(${[0, 1, 2].map((c) => Math.round(p.reduce((sum, chance, k) => sum + chance * colours[k][c], 0))).join(",")})`;

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}species.svg`, cells(columns, rows, 10, (x, y) => mixed(map[y * columns + x])));
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), validation: history.series("val_loss") }, { title: "iris: cross-entropy", xLabel: "epoch", yLabel: "loss", log: true }));
console.log(`species   ${out}species.svg: by petals of 0 to 7 cm by 0 to 2.6 cm; ${species[0]} is blue, ${species[1]} green, ${species[2]} orange`);
console.log(`plot      ${out}loss.svg`);
