import { load } from "../model/digits/digits.js";
import { Chart } from "./chart.ts";
import { loadDigits, shuffledBatches } from "./data.ts";
import { Pad } from "./pad.ts";

type Device = "webgpu" | "wasm" | "js";
type Model = Awaited<ReturnType<typeof load>>;

const batchSize = 64;
/** Steps between two looks at the images that are held out. */
const stepsPerTest = 25;

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const show = (id: string, text: string): void => { element(id).textContent = text; };

const deviceSelect = element<HTMLSelectElement>("device"), trainButton = element<HTMLButtonElement>("train"), resetButton = element<HTMLButtonElement>("reset");
const chart = new Chart(element<HTMLCanvasElement>("chart"));
const pad = new Pad(element<HTMLCanvasElement>("pad"), () => void predict());
const bars = Array.from({ length: 10 }, () => element("bars").appendChild(document.createElement("li")).appendChild(document.createElement("span")));

const digits = loadDigits();
let model: Model | undefined;
let isTraining = false;
let steps = 0;

/** Loads the model for a device, with the weights of the one before. */
async function choose(device: Device | "auto"): Promise<void> {
  await stopped();
  trainButton.disabled = resetButton.disabled = true;
  show("status", "Loading…");
  try {
    const next = await load({ device });
    if (model) {
      next.restore(await model.save());
      if ("destroy" in model) model.destroy();
    }
    model = next;
    deviceSelect.value = model.device;
    show("status", `Ready, on ${"adapter" in model ? `WebGPU (${model.adapter})` : model.device === "wasm" ? "WebAssembly" : "JavaScript"}.`);
    trainButton.disabled = resetButton.disabled = false;
    await test();
  } catch (e) {
    show("status", e instanceof Error ? e.message : String(e));
    if (model) deviceSelect.value = model.device;
    trainButton.disabled = resetButton.disabled = model === undefined;
  }
}

/** Trains until told to stop. What is shown is a step's result, when it is there; the next step does not wait for it to be drawn. */
let training: Promise<void> = Promise.resolve();
async function train(): Promise<void> {
  const { train } = await digits;
  let since = performance.now(), counted = 0, drawn = since;
  for (const batch of shuffledBatches(train, batchSize)) {
    if (!isTraining || !model) return;
    const { loss } = await model.train(batch);
    steps++;
    counted++;
    chart.add(loss.item());
    if (steps % stepsPerTest === 0) await test();
    const now = performance.now();
    if (now - drawn < 30) continue;
    drawn = now;
    show("loss", loss.item().toFixed(4));
    show("steps", String(steps));
    if (now - since > 500) {
      show("speed", ((1000 * counted) / (now - since)).toFixed(0));
      since = now;
      counted = 0;
    }
    chart.draw();
    await new Promise(requestAnimationFrame);
  }
}

async function stopped(): Promise<void> {
  isTraining = false;
  trainButton.textContent = "Train";
  await training;
}

async function test(): Promise<void> {
  const { test } = await digits;
  const { accuracy } = await model!.evaluate(test);
  show("accuracy", `${(100 * accuracy.item()).toFixed(1)} %`);
  await predict();
}

async function predict(): Promise<void> {
  const image = pad.image();
  if (!image || !model) return;
  const { data } = (await model.predict({ x: image })).probs;
  show("guess", String(data.indexOf(Math.max(...data))));
  data.forEach((p, digit) => { bars[digit].style.width = `${Math.round(100 * p)}%`; });
}

deviceSelect.addEventListener("change", () => void choose(deviceSelect.value as Device));
trainButton.addEventListener("click", () => {
  if (isTraining) return void stopped();
  isTraining = true;
  trainButton.textContent = "Stop";
  training = train().catch((e: unknown) => {
    isTraining = false;
    trainButton.textContent = "Train";
    show("status", e instanceof Error ? e.message : String(e));
  });
});
resetButton.addEventListener("click", () => void stopped().then(async () => {
  model?.reset();
  steps = 0;
  chart.clear();
  for (const id of ["loss", "speed"]) show(id, "–");
  show("steps", "0");
  await test();
}));
element("clear").addEventListener("click", () => {
  pad.clear();
  show("guess", "?");
  for (const bar of bars) bar.style.width = "0";
});

chart.draw();
const wanted = new URLSearchParams(location.search).get("device");
void choose(wanted === "webgpu" || wanted === "wasm" || wanted === "js" ? wanted : "auto");
