import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret, type NdArray, type Results } from "../../ir/interpret/index.ts";
import { parseFunction } from "../../ir/text/index.ts";
import { expectAgreement } from "./agreement.ts";
import { bindings, programs, randomInputs } from "./programs.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const timeout = 60_000 + 1_000 * numRuns;

/** Results with the first output replaced. */
function changed(r: Results, change: (a: NdArray) => NdArray): Results {
  const [name, array] = Object.entries(r.outputs)[0];
  return { ...r, outputs: { ...r.outputs, [name]: change(array) } };
}
const bump = (by: (x: number) => number) => (a: NdArray): NdArray => ({ ...a, data: a.data.with(0, by(a.data[0])) });

test("a program computed in f32 agrees with itself in double precision", () => {
  fc.assert(fc.property(programs({ float: "f32" }), bindings, fc.nat(1000), (fn, binding, seed) => {
    const env = randomInputs(fn, binding, seed);
    expectAgreement(fn, env, interpret(fn, env, { rounded: true }));
  }), { numRuns });
}, timeout);

test("a result off by more than rounding does not, nor an integer off by one", () => {
  fc.assert(fc.property(programs(), bindings, fc.nat(1000), (fn, binding, seed) => {
    const env = randomInputs(fn, binding, seed), right = interpret(fn, env);
    const wrong = changed(right, bump((x) => x + 1));
    expect(() => expectAgreement(fn, env, wrong)).toThrow(/(y|exact)0\[0\] is .*, the interpreter says/);
  }), { numRuns });
}, timeout);

test("f64 is held to its own precision, f32 to its", () => {
  const program = (dtype: string) => parseFunction(`fn @f(%x0: ${dtype}[2]) {\n  %0 = exp %x0 : ${dtype}[2]\n  return y0 = %0\n}`);
  const env = { inputs: { x0: { dtype: "f64" as const, shape: [2], data: Float64Array.of(0.5, 1) } }, variables: {} };
  const f64 = program("f64"), right = interpret(f64, env);
  expectAgreement(f64, env, changed(right, bump((x) => x * (1 + 2 ** -52))));
  expect(() => expectAgreement(f64, env, changed(right, bump((x) => x * (1 + 1e-12))))).toThrow(/they may differ by/);
  const f32 = program("f32"), env32 = { ...env, inputs: { x0: { ...env.inputs.x0, dtype: "f32" as const } } }, right32 = interpret(f32, env32);
  expectAgreement(f32, env32, changed(right32, bump((x) => x * (1 + 2 ** -24))));
  expect(() => expectAgreement(f32, env32, changed(right32, bump((x) => x * (1 + 2 ** -12))))).toThrow(/they may differ by/);
});

test("one of halves may be rounded after every op, or keep its digits; what is exact may not differ at all", () => {
  const program = parseFunction("fn @f(%x0: bf16[3]) {\n  %0 = exp %x0 : bf16[3]\n  %1 = mul %0, %0 : bf16[3]\n  %2 = neg %x0 : bf16[3]\n  return y0 = %1, exact1 = %2\n}");
  const env = { inputs: { x0: { dtype: "bf16" as const, shape: [3], data: Float64Array.of(1.5, 1, 0.5) } }, variables: {} };
  expectAgreement(program, env, interpret(program, env));
  expectAgreement(program, env, interpret(program, env, { widensHalves: true }));
  const right = interpret(program, env);
  expect(() => expectAgreement(program, env, changed(right, bump((x) => x * 1.5)))).toThrow(/they may differ by/);
  const { exact1 } = right.outputs;
  expect(() => expectAgreement(program, env, { ...right, outputs: { ...right.outputs, exact1: bump((x) => x * (1 + 2 ** -8))(exact1) } })).toThrow(/they may differ by 0/);
});

test("NaN agrees with NaN only, and shapes and names must be the same", () => {
  const fn = parseFunction("fn @f(%x0: f64[1]) {\n  %0 = log %x0 : f64[1]\n  return y0 = %0\n}");
  const env = { inputs: { x0: { dtype: "f64" as const, shape: [1], data: Float64Array.of(-1) } }, variables: {} };
  const right = interpret(fn, env);
  expectAgreement(fn, env, right);
  expect(() => expectAgreement(fn, env, changed(right, bump(() => 0)))).toThrow(/the interpreter says NaN/);
  expect(() => expectAgreement(fn, env, changed(right, (a) => ({ ...a, shape: [] })))).toThrow();
  expect(() => expectAgreement(fn, env, { ...right, outputs: {} })).toThrow();
});
