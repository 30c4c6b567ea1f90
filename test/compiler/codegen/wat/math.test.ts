import binaryen from "binaryen";
import { expect, test } from "vitest";
import { erf, sigmoid, softplus } from "../../../../ir/ops/elementwise/special.ts";
import { mathFunctions } from "../../../../compiler/codegen/wat/math.ts";
import { sweeps } from "../scalars.ts";

/** Every vector function over a dense sweep of all floats: 4 ulp of double precision, and the special values right. */

const exact: Record<string, (x: number) => number> = {
  exp: Math.exp, expm1: Math.expm1, log: Math.log, log2: Math.log2, log10: Math.log10, log1p: Math.log1p,
  tanh: Math.tanh, sigmoid, softplus, erf, sin: Math.sin, cos: Math.cos,
};
const count = 1 << 18;
const memory = new WebAssembly.Memory({ initial: (4 * count) / 65536 });

function instance(): Record<string, (bytes: number) => void> {
  const names = Object.keys(exact);
  const loop = (n: string): string => `(func (export "${n}") (param $n i32) (local $p i32)
    (loop $l (v128.store (local.get $p) (call $${n} (v128.load (local.get $p)))) (local.set $p (i32.add (local.get $p) (i32.const 16))) (br_if $l (i32.lt_u (local.get $p) (local.get $n)))))`;
  const imports = ["sin", "cos"].map((n) => `(import "op" "${n}_f64" (func $${n}_f64 (param f64) (result f64)))`);
  const m = binaryen.parseText(`(module (import "env" "memory" (memory 1)) ${imports.join(" ")}\n${mathFunctions(names).join("\n")}\n${names.map(loop).join("\n")})`);
  m.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.NontrappingFPToInt);
  return new WebAssembly.Instance(new WebAssembly.Module(m.emitBinary() as Uint8Array<ArrayBuffer>), { env: { memory }, op: { sin_f64: Math.sin, cos_f64: Math.cos } }).exports as Record<string, (bytes: number) => void>;
}
const run = instance();

/** The distance between neighbouring floats at x. */
const ulp = (x: number): number => (Math.abs(x) < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23));

function apply(name: string, xs: Float32Array): Float32Array {
  const view = new Float32Array(memory.buffer, 0, xs.length);
  view.set(xs);
  run[name](4 * xs.length);
  return view.slice();
}

for (const [name, f] of Object.entries(exact)) {
  for (const [what, floats] of Object.entries(sweeps))
    test(`${name}: within 4 ulp of double precision over ${what}`, () => {
      const xs = floats(count);
      const got = apply(name, xs);
      let worst = 0, at = NaN;
      xs.forEach((x, i) => {
        const want = f(x), rounded = Math.fround(want);
        if (!Number.isFinite(rounded) || rounded === 0) { if (!Object.is(got[i], rounded) && !(rounded === 0 && Math.abs(got[i]) <= 4 * 2 ** -149)) expect(got[i], `${name}(${x})`).toBe(rounded); return; }
        const error = Math.abs(got[i] - want) / ulp(want);
        if (!(error <= worst)) { worst = error; at = x; }
      });
      expect(worst, `worst at ${at}`).toBeLessThanOrEqual(4);
    });
  test(`${name}: special values`, () => {
    const special = Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4e38, -3.4e38, 88.72284, -103.97208, -87.33655, 0.5);
    const got = apply(name, special);
    special.forEach((x, i) => {
      const want = Math.fround(f(x));
      if (!Number.isFinite(want) || want === 0) expect(got[i], `${name}(${Object.is(x, -0) ? "-0" : x})`).toBe(want);
      else expect(Math.abs(got[i] - f(x)) / ulp(want), `${name}(${x})`).toBeLessThanOrEqual(4);
    });
  });
}

test("what is bounded stays within its bounds, and odd functions are odd", () => {
  const xs = Float32Array.from({ length: count }, (_, i) => (i / count) * 20);
  for (const name of ["tanh", "erf", "sigmoid"]) expect(apply(name, xs).reduce((a, b) => Math.max(a, b)), name).toBe(1);
  for (const name of ["tanh", "erf"]) expect(apply(name, xs.map((x) => -x)), name).toEqual(apply(name, xs).map((y) => -y));
});
