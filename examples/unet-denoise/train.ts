/** Trains the compiled U-Net, and cleans images. `npm run example unet-denoise` builds it first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linePlot, sparkline, takeRows } from "chainrule/runtime";
import { images } from "../common/pictures.ts";
import { agreement } from "../common/torch-run.ts";
import { load } from "./dist/unet-denoise/unet-denoise.js";
import { decibels, firstLosses, run, trainUnet } from "./recipe.ts";

const model = await load({ weights: run.weights });
console.log(agreement(await firstLosses(model), run));
model.reset(1);

const { history, error, test } = await trainUnet(model, { seed: 1 });
const before = test.clean.data.reduce((sum, v, i) => sum + (v - test.noisy.data[i]) ** 2, 0) / test.clean.data.length;
console.log(`loss      ${sparkline(history.series("loss").map(Math.log))}`);
console.log(`noise     ${decibels(error).toFixed(2)} dB peak signal-to-noise on the held-out images, ${decibels(before).toFixed(2)} dB before, on ${model.device}`);

const { noisy, clean } = takeRows(test, Array.from({ length: 16 }, (_, i) => i));
const { image } = await model.denoise({ noisy });

const out = fileURLToPath(new URL("./dist/", import.meta.url));
writeFileSync(`${out}denoised.svg`, images([noisy, image, clean].flatMap(({ data }) => [...data]), 16));
writeFileSync(`${out}loss.svg`, linePlot({ training: history.series("loss"), "held out": history.series("val_loss") }, { title: "unet-denoise: mean squared error", xLabel: "epoch", yLabel: "loss", log: true }));
console.log(`images    ${out}denoised.svg: noisy, denoised, and as they were\nplot      ${out}loss.svg`);
