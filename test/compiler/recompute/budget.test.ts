import { expect, test } from "vitest";
import { defineModel, f32, nn, optim, type Model } from "chainrule";
import { instantiate } from "../../../compiler/artifact/index.ts";
import { compile, compileFunction, type Stages } from "../../../compiler/pipeline.ts";
import { planStats } from "../../../compiler/plan/index.ts";

/** Four blocks of two layers each, trained. */
const chain = (most?: number): Model => defineModel("chain", (m) => {
  if (most !== undefined) m.symbol("B", { max: most });
  const blocks = Array.from({ length: 4 }, (_, i) => [m.use(`up${i}`, nn.linear(16, 64)), m.use(`down${i}`, nn.linear(64, 16))] as const);
  m.trainStep("train", { x: f32("B", 16) }, ({ x }) => blocks.reduce((h, [up, down]) => h.add(down(up(h).gelu())), x).pow(2).mean(), optim.sgd({ lr: 0.1 }));
});

const at = { B: 64 }, model = chain();
const within = (bytes: number, target: "js" | "wasm" | "webgpu" = "js"): Stages => compileFunction(model.functions[0], target, { bytes, at });
const flops = ({ plan }: Stages): number => planStats(plan, at).flops;

for (const target of ["js", "wasm", "webgpu"] as const) test(`the arena is what is allowed, on ${target}`, () => {
  const { before, after, recomputed } = within(Infinity, target).memory!;
  expect([after, recomputed]).toEqual([before, []]);
  for (const part of [0.9, 0.7, 0.5]) {
    const stages = within(part * before, target);
    expect(planStats(stages.plan, at).arenaBytes).toBe(stages.memory!.after);
    expect(stages.memory!.after).toBeLessThanOrEqual(part * before);
    expect(stages.memory!.before).toBe(before);
  }
});

test("what is cheap is computed again first: less memory takes more work", () => {
  const all = within(Infinity), { before } = all.memory!;
  const [some, more] = [within(0.8 * before), within(0.5 * before)];
  expect(flops(some)).toBeGreaterThan(flops(all));
  expect(flops(some)).toBeLessThan(1.15 * flops(all));
  expect(flops(more)).toBeGreaterThan(flops(some));
  expect(flops(more)).toBeLessThan(1.4 * flops(all)); // not even the forward pass once more
});

test("what cannot be done is an error that says what can", () => {
  let least = 0;
  expect(() => within(1000)).toThrow(/^train does not fit in 1000 bytes of memory at B=64: it needs \d+, and \d+ with everything computed again that helps/);
  try { within(1000); } catch (e) { least = Number(/and (\d+) with/.exec((e as Error).message)![1]); }
  expect(within(least).memory!.after).toBe(least);
});

test("sizes that are not given are the largest that the model declares", () => {
  expect(compileFunction(model.functions[0], "js", { bytes: Infinity }).memory!.at).toEqual({ B: 64 });
  const bounded = chain(200);
  expect(compileFunction(bounded.functions[0], "js", { bytes: Infinity }, bounded.symbols).memory!.at).toEqual({ B: 200 });
});

test("it trains as it did", async () => {
  const { before } = within(Infinity).memory!;
  const x = Float32Array.from({ length: 3 * 16 }, (_, i) => Math.sin(i));
  const losses = await Promise.all([undefined, { bytes: before / 2, at }].map(async (memory) => {
    const loaded = await instantiate(compile(model, { target: "wasm", memory }), { seed: 3 });
    const list: number[] = [];
    for (let i = 0; i < 5; i++) list.push((await loaded.functions.train({ x })).loss.item());
    return list;
  }));
  for (const [i, want] of losses[0].entries()) expect(losses[1][i]).toBeCloseTo(want, 5);
  expect(losses[0][4]).toBeLessThan(losses[0][0]);
});
