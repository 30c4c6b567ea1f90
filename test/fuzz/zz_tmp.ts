import fc from "fast-check";
import { instantiate } from "/work/main/compiler/artifact/index.ts";
import { expandDerivatives } from "/work/main/compiler/autodiff/index.ts";
import { compile } from "/work/main/compiler/pipeline.ts";
import { printFunction } from "/work/main/ir/text/index.ts";
import { expectAgreement } from "/work/main/test/fuzz/agreement.ts";
import { call, modelOf } from "/work/main/test/fuzz/compiled.ts";
import { bindings, programs, randomInputs } from "/work/main/test/fuzz/programs.ts";
const n = Number(process.argv[2]), opt = JSON.parse(process.argv[3]), start = Number(process.argv[4] ?? 1);
let bad = 0, max=0; const t00=Date.now();
const cases = fc.sample(fc.tuple(programs(opt), bindings, bindings, fc.nat(1000)), { numRuns: n, seed: start });
for (const [i, [fn, first, second, seed]] of cases.entries()) {
  const t0 = Date.now();
  try {
    const reference = expandDerivatives(fn);
    const t1 = Date.now();
    const c = compile(modelOf(fn), { target: "wasm" });
    const t2 = Date.now();
    const model = await instantiate(c);
    const t3 = Date.now();
    for (const binding of [first, second]) {
      const env = randomInputs(fn, binding, seed) as any;
      expectAgreement(reference, env, call(model, fn, env));
    }
    if (Date.now() - t0 > 3000) console.log(i, "slow", t1 - t0, t2 - t1, t3 - t2, Date.now() - t3);
  } catch (e: any) { bad++; console.log(i, String(e.message).slice(0, 300)); if (process.argv[5]) { console.log(printFunction(fn)); break; } }
}
console.log("done", n, "bad", bad, Date.now()-t00);
process.exit(0);
