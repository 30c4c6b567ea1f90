import fc from "fast-check";
import { test } from "vitest";
import { checkDerivatives, constant, op, random, randomLike, sin } from "./support.ts";

/** Structural ops with attributes drawn at random, against finite differences. */
const runs = { numRuns: 40 };
const array = (shape: number[], seed: number) => randomLike({ shape }, random(seed));
const size = fc.integer({ min: 1, max: 3 });
const sizes = (min: number, max: number) => fc.array(size, { minLength: min, maxLength: max });
const shuffled = (n: number) => fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n, maxLength: n });

test("dot with any batch, contracted and free axes in any order", () => {
  const dims = fc.record({ batch: sizes(0, 2), contract: sizes(0, 2), left: sizes(0, 2), right: sizes(0, 2) });
  fc.assert(fc.property(dims.chain((d) => fc.record({
    dims: fc.constant(d), l: shuffled(d.batch.length + d.contract.length + d.left.length), r: shuffled(d.batch.length + d.contract.length + d.right.length),
  })), ({ dims: { batch, contract, left, right }, l, r }) => {
    // axis k of the list batch ++ contract ++ free is at place `order.indexOf(k)` of the operand
    const ls = [...batch, ...contract, ...left], rs = [...batch, ...contract, ...right];
    const pair = (k: number) => [l.indexOf(k), r.indexOf(k)] as const;
    checkDerivatives({
      args: [array(l.map((k) => ls[k]), 1), array(r.map((k) => rs[k]), 2)],
      build: (a, b) => [sin(op("dot", [a, b], { batch: batch.map((_, k) => pair(k)), contract: contract.map((_, k) => pair(batch.length + k)) }))],
    });
  }), runs);
});

test("slice and pad with any starts, steps, margins and gaps", () => {
  const axis = fc.record({ size, before: fc.nat(2), after: fc.nat(2), step: size, low: fc.nat(2), high: fc.nat(2), gap: fc.nat(2) });
  fc.assert(fc.property(fc.array(axis, { minLength: 1, maxLength: 2 }), (axes) => {
    checkDerivatives({
      args: [array(axes.map((a) => a.before + a.size + a.after), 3), array([], 4)],
      build: (x, value) => {
        const part = op("slice", [x], { start: axes.map((a) => a.before), limit: axes.map((a) => a.before + a.size), step: axes.map((a) => a.step) });
        return [sin(op("pad", [sin(part), value], { low: axes.map((a) => a.low), high: axes.map((a) => a.high), interior: axes.map((a) => a.gap) }))];
      },
    });
  }), runs);
});

test("gather and every scatter with any axes addressed, walked along and taken whole", () => {
  const role = fc.constantFrom("index" as const, "batch" as const, "whole" as const);
  const layout = fc.record({ operand: fc.array(fc.record({ size, role }), { minLength: 1, maxLength: 3 }), extra: sizes(0, 1), seed: fc.nat(1000), turn: fc.boolean(),
    reducer: fc.constantFrom("set" as const, "sum" as const, "prod" as const, "max" as const, "min" as const) });
  fc.assert(fc.property(layout, ({ operand, extra, seed, turn, reducer }) => {
    const of = (r: string) => operand.map((_, i) => i).filter((i) => operand[i].role === r);
    const axes = turn ? of("index").reverse() : of("index"), shape = operand.map((a) => a.size);
    if (axes.length === 0) return;
    const walked = of("batch");
    const indexShape = turn ? [...extra, ...walked.map((i) => shape[i])] : [...walked.map((i) => shape[i]), ...extra];
    const batch = walked.map((o, k) => [o, turn ? extra.length + k : k] as const);
    const next = random(seed + 1), count = indexShape.reduce((n, d) => n * d, 1);
    const indices = axes.map((a) => constant("i32", indexShape, Array.from({ length: count }, () => Math.floor(((next() + 1) / 2) * shape[a]))));
    const selected = [...indexShape, ...of("whole").map((i) => shape[i])];
    checkDerivatives({
      args: [array(shape, 5), array(selected, 6)],
      build: (x, u) => [sin(op("gather", [sin(x), ...indices], { axes, batch })), sin(op("scatter", [sin(x), sin(u), ...indices], { axes, batch, reducer }))],
    });
  }), runs);
});

test("reduce over any axes, with zeros among the factors", () => {
  fc.assert(fc.property(sizes(1, 3).chain((shape) => fc.record({
    shape: fc.constant(shape), axes: fc.shuffledSubarray(shape.map((_, i) => i)), zeros: fc.array(fc.nat(26), { maxLength: 4 }),
  })), ({ shape, axes, zeros }) => {
    const x = array(shape, 7);
    const data = x.data.map((v, i) => (zeros.includes(i) ? 0 : v));
    checkDerivatives({ args: [{ ...x, data }], build: (a) => [op("reduce", [a], { reducer: "prod", axes }), op("cumulative", [a], { reducer: "prod", axis: 0, reverse: axes.length > 1 })] });
  }), runs);
});
