import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { assemble } from "../../../../compiler/codegen/wat/index.ts";
import { erf, sigmoid, softplus } from "../../../../ir/ops/elementwise/special.ts";
import { mathFunctions } from "../../../../compiler/codegen/wat/math.ts";
import { fuse, hasRelaxedSimd } from "../../../../runtime/variants.ts";
import { sweeps } from "../scalars.ts";

/**
 * Every vector function over a dense sweep of all floats, multiplying and adding in two steps and in one: 4 ulp of
 * double precision, and the special values right.
 */

// Node 20 has relaxed SIMD behind a flag; newer ones have no such flag
if (!hasRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");

const exact: Record<string, (x: number) => number> = {
  exp: Math.exp, expm1: Math.expm1, log: Math.log, log2: Math.log2, log10: Math.log10, log1p: Math.log1p,
  tanh: Math.tanh, sigmoid, softplus, erf, sin: Math.sin, cos: Math.cos,
};
const count = 1 << 18;
const memory = new WebAssembly.Memory({ initial: (4 * count) / 65536 });

async function instance(isFused: boolean): Promise<Record<string, (bytes: number) => void>> {
  const names = [...Object.keys(exact), "expOfNotPositive"];
  const loop = (n: string): string => `(func (export "${n}") (param $n i32) (local $p i32)
    (loop $l (v128.store (local.get $p) (call $${n} (v128.load (local.get $p)))) (local.set $p (i32.add (local.get $p) (i32.const 16))) (br_if $l (i32.lt_u (local.get $p) (local.get $n)))))`;
  const imports = ["sin", "cos"].map((n) => `(import "op" "${n}_f64" (func $${n}_f64 (param f64) (result f64)))`);
  const { code, fused } = await assemble(`(module (import "env" "memory" (memory 1)) ${imports.join(" ")}\n${mathFunctions(names).join("\n")}\n${names.map(loop).join("\n")})`);
  if (isFused) fuse(code, 0, fused);
  return new WebAssembly.Instance(new WebAssembly.Module(code as Uint8Array<ArrayBuffer>), { env: { memory }, op: { sin_f64: Math.sin, cos_f64: Math.cos } }).exports as Record<string, (bytes: number) => void>;
}
const ways = [["in two steps", await instance(false)], ["in one", await instance(true)]] as const;

/** The distance between neighbouring floats at x. */
const ulp = (x: number): number => (Math.abs(x) < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

function apply(run: (typeof ways)[number][1], name: string, xs: Float32Array): Float32Array {
  const view = new Float32Array(memory.buffer, 0, xs.length);
  view.set(xs);
  run[name](4 * xs.length);
  return view.slice();
}

for (const [way, run] of ways) for (const [name, f] of Object.entries(exact)) {
  for (const [what, floats] of Object.entries(sweeps))
    test(`${name}: ${way}, within 4 ulp of double precision over ${what}`, () => {
      const xs = floats(count);
      const got = apply(run, name, xs);
      let worst = 0, at = NaN;
      xs.forEach((x, i) => {
        const want = f(x), rounded = Math.fround(want);
        if (!Number.isFinite(rounded) || rounded === 0) { if (!Object.is(got[i], rounded) && !(rounded === 0 && Math.abs(got[i]) <= 4 * 2 ** -149)) expect(got[i], `${name}(${x})`).toBe(rounded); return; }
        const error = Math.abs(got[i] - want) / ulp(want);
        if (!(error <= worst)) { worst = error; at = x; }
      });
      expect(worst, `worst at ${at}`).toBeLessThanOrEqual(4);
    });
  test(`${name}: special values, ${way}`, () => {
    const special = Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4e38, -3.4e38, 88.72284, -103.97208, -87.33655, 0.5);
    const got = apply(run, name, special);
    special.forEach((x, i) => {
      const want = Math.fround(f(x));
      if (!Number.isFinite(want) || want === 0) expect(got[i], `${name}(${Object.is(x, -0) ? "-0" : x})`).toBe(want);
      else expect(Math.abs(got[i] - f(x)) / ulp(want), `${name}(${x})`).toBeLessThanOrEqual(4);
    });
  });
}

for (const [way, run] of ways) test(`exp of what is not above 0 has the bits that exp has, ${way}`, () => {
  for (const floats of [...Object.values(sweeps), () => Float32Array.from({ length: count }, (_, i) => 105 * (i / count)), () => Float32Array.of(NaN, Infinity, 0, -0, 2 ** -149)]) {
    const xs = floats(count).map((x) => -Math.abs(x));
    expect(new Uint32Array(apply(run, "expOfNotPositive", xs).buffer)).toEqual(new Uint32Array(apply(run, "exp", xs).buffer));
  }
});

for (const [way, run] of ways) test(`what is bounded stays within its bounds, and odd functions are odd, ${way}`, () => {
  const xs = Float32Array.from({ length: count }, (_, i) => (i / count) * 20);
  for (const name of ["tanh", "erf", "sigmoid"]) expect(apply(run, name, xs).reduce((a, b) => Math.max(a, b)), name).toBe(1);
  for (const name of ["tanh", "erf"]) expect(apply(run, name, xs.map((x) => -x)), name).toEqual(apply(run, name, xs).map((y) => -y));
});

test("one step and two are told apart", () => {
  const xs = Float32Array.from({ length: count }, (_, i) => (i / count) * 20), [[, two], [, one]] = ways;
  expect(apply(one, "exp", xs)).not.toEqual(apply(two, "exp", xs));
});
