/** Trains the compiled autoencoder, and draws digits that nobody wrote. `npm run example vae-digits` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, tensor } from "chainrule/runtime";
import { images } from "../common/pictures.ts";
import { agreement } from "../common/torch-run.ts";
import { load } from "./dist/vae-digits/vae-digits.js";
import { firstLosses, run, trainVae } from "./recipe.ts";

const model = await load({ weights: run.weights });
console.log(agreement(await firstLosses(model), run));
model.reset(1);

const { history, loss } = await trainVae(model, { seed: 1 });
console.log(`loss      ${sparkline(history.series("loss").map(Math.log))}`);
console.log(`bound     ${loss.toFixed(3)} nats an image on the held-out ones, on ${model.device}`);

// codes from -2.4 to 2.4 both ways, where nearly all are
const side = 17, at = (i: number): number => (4.8 * i) / (side - 1) - 2.4;
const codes = Float32Array.from({ length: 2 * side * side }, (_, i) => at(i % 2 === 0 ? Math.floor(i / 2) % side : Math.floor(i / 2 / side)));
const { image } = await model.decode({ code: tensor(codes, [-1, 2]) });

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}codes.svg`, images(image.data, side, 5));
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), "held out": history.series("val_loss") }, { title: "vae-digits: negative evidence lower bound", xLabel: "epoch", yLabel: "nats an image" }));
console.log(`images    ${out}codes.svg: what the codes of a square stand for\nplot      ${out}loss.svg`);
