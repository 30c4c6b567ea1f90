import fc from "fast-check";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { simplify } from "../../compiler/simplify/index.ts";
import { lower } from "../../compiler/fuse/index.ts";
import { planMemory } from "../../compiler/plan/index.ts";
import { assignSlots } from "../../compiler/plan/slots.ts";
import { tileForScalars } from "../../compiler/loops/tile.ts";
import { tileForVectors } from "../../compiler/loops/vectorise.ts";
import { expectAgreement } from "./agreement.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";
const opt = JSON.parse(process.argv[2]), start = Number(process.argv[3]), at = Number(process.argv[4]);
const [fn, first, second, seed] = fc.sample(fc.tuple(programs(opt), bindings, bindings, fc.nat(1000)), { numRuns: at + 1, seed: start })[at];
const m = modelOf(fn), g = expandDerivatives(fn), s = simplify(g);
console.log(first, second);
for (const [name, f] of [["plain", g], ["simplified", s]] as const)
for (const [tn, t] of [["scalar", tileForScalars], ["vector", tileForVectors]] as const)
for (const target of (tn === "scalar" ? ["js", "wasm"] : ["wasm"]) as const)
for (const [pn, plan] of [["plan", planMemory], ["noreuse", (p: any) => ({ ...p, buffers: p.buffers.map((b: any, i: number) => b.storage.kind === "arena" ? { ...b, storage: { kind: "arena", slot: p.buffers.slice(0, i).filter((x: any) => x.storage.kind === "arena").length } } : b), slots: p.buffers.filter((b: any) => b.storage.kind === "arena").map((b: any) => ({ bytes: [b.type.shape.length === 0 ? 8 : b.type.shape.join("*").split("*").length ? 8 * 10000 : 0] })) })]] as const) {
  try {
    const program = plan(lower(f, t));
    const model = await instantiate({ model: m, programs: [program], target } as any);
    for (const binding of [first, second]) {
      const env = randomInputs(fn, binding, seed) as any;
      try { expectAgreement(g, env, call(model, fn, env)); console.log(name, tn, target, pn, "ok"); } catch (e: any) { console.log(name, tn, target, pn, e.message.slice(0, 150)); }
    }
  } catch (e: any) { console.log(name, tn, target, pn, "THROWS", e.message.slice(0, 150)); }
}
process.exit(0);
