import fc from "fast-check";
import { expect, test } from "vitest";
import { reachable, type AnyNode, type GraphFunction } from "../../ir/graph/index.ts";
import { interpret, type NdArray } from "../../ir/interpret/index.ts";
import { ops } from "../../ir/ops/index.ts";
import { parseFunction, printFunction } from "../../ir/text/index.ts";
import { verify } from "../../ir/verify/index.ts";
import { golden } from "../golden.ts";
import { notDrawn, vocabulary } from "./generate/vocabulary.ts";
import { bindings, depthOf, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const timeout = 60_000 + 1_000 * numRuns;
const inputSeed = fc.nat(1000);

test("random programs are well-formed, deep, and round-trip through text to the same results", () => {
  fc.assert(fc.property(programs(), bindings, inputSeed, (fn, binding, seed) => {
    verify(fn);
    expect(depthOf(fn)).toBeGreaterThanOrEqual(20);
    const text = printFunction(fn);
    const parsed = parseFunction(text);
    verify(parsed);
    expect(printFunction(parsed)).toBe(text);
    const env = randomInputs(fn, binding, seed);
    expect(interpret(parsed, env)).toEqual(interpret(fn, env));
  }), { numRuns });
}, timeout);

test("random programs stay tame: finite, and what is rounded away is little", () => {
  let worst = 0;
  fc.assert(fc.property(programs(), bindings, inputSeed, (fn, binding, seed) => {
    const env = randomInputs(fn, binding, seed);
    const exact = interpret(fn, env), rounded = interpret(fn, env, { rounded: true });
    for (const name of Object.keys(exact.outputs)) {
      const a = exact.outputs[name], b = rounded.outputs[name];
      for (const [i, x] of a.data.entries()) {
        expect(Number.isFinite(x), `${name}[${i}] is ${x}`).toBe(true);
        // an integer or a bool that rounding changes would be a jump fed with a rounded value
        if (a.dtype !== "f32" && a.dtype !== "f64") expect(b.data[i]).toBe(x);
        else worst = Math.max(worst, Math.abs(x - b.data[i]) / Math.max(1, Math.abs(x)));
      }
    }
  }), { numRuns });
  expect(worst).toBeLessThan(0.01);
}, timeout);

test("differentiable programs are well-formed, deep, and end in a loss and its gradients", () => {
  fc.assert(fc.property(programs({ differentiable: true }), (fn) => {
    verify(fn);
    expect(depthOf(fn)).toBeGreaterThanOrEqual(20);
    expect(fn.outputs[0].value.type.shape).toEqual([]);
    expect(fn.outputs[1].value.node.op).toBe("grad");
    const text = printFunction(fn);
    expect(printFunction(parseFunction(text))).toBe(text);
  }), { numRuns });
}, timeout);

test("between them, random programs use every op", () => {
  const used = new Set<string>();
  const collect = (nodes: readonly AnyNode[]): void => {
    for (const node of nodes) {
      used.add(node.op);
      for (const region of node.regions) collect(reachable(region.results));
    }
  };
  const all = (fn: GraphFunction): void => collect(reachable([...fn.outputs, ...fn.updates].map((o) => o.value)));
  for (const fn of fc.sample(programs(), { numRuns: 700, seed: 1 })) all(fn);
  for (const fn of fc.sample(programs({ differentiable: true }), { numRuns: 20, seed: 1 })) all(fn);
  const notUsed = ["isNan", "isFinite", "stopGradient", "vjp", "jvp"]; // constant on tame values; tested by hand
  expect(Object.keys(ops).filter((op) => !used.has(op) && !notUsed.includes(op))).toEqual([]);
});

test("programs with pieces of the library draw every export that is differentiated, but for reasons", () => {
  const { drawn, left } = vocabulary();
  expect([...notDrawn.keys()].filter((name) => !left.has(name))).toEqual([]);
  const byReason = [...new Set(left.values())].map((why) => `${why}:\n  ${[...left].filter(([, w]) => w === why).map(([name]) => name).sort().join(" ")}\n`);
  golden("fuzz/not-drawn.txt", `${drawn.size} exports are drawn. Not drawn, because each\n\n${byReason.sort().join("\n")}`);
});

test("a program is the same again for the same seed, and control flow can be left out", () => {
  const text = (fn: GraphFunction): string => printFunction(fn);
  const sample = (): string[] => fc.sample(programs({ control: false, float: "f64" }), { numRuns: 20, seed: 7 }).map(text);
  expect(sample()).toEqual(sample());
  expect(sample().join("")).not.toMatch(/= (cond|while|scan|custom|checkpoint|barrier) |f32\[/);
});

test("inputs are what their names say", () => {
  for (const fn of fc.sample(programs(), { numRuns: 20, seed: 3 })) {
    const { inputs, variables } = randomInputs(fn, { B: 2, T: 3 }, 5);
    const all: [string, NdArray][] = [...Object.entries(inputs), ...Object.entries(variables)];
    expect(all.length).toBeGreaterThan(0);
    for (const [name, { data }] of all) for (const v of data)
      expect(name.startsWith("grid") ? Number.isInteger(4 * v) && Math.abs(v) <= 4 : name.startsWith("n") ? Number.isInteger(v) && Math.abs(v) <= 8 : name.startsWith("flag") ? v === 0 || v === 1 : Math.abs(v) <= 2, `${name}: ${v}`).toBe(true);
  }
});
