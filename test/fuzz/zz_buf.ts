import fc from "fast-check";
import { instantiate } from "../../compiler/artifact/index.ts";
import { expandDerivatives } from "../../compiler/autodiff/index.ts";
import { simplify } from "../../compiler/simplify/index.ts";
import { lower } from "../../compiler/fuse/index.ts";
import { tileForScalars } from "../../compiler/loops/tile.ts";
import { tileForVectors } from "../../compiler/loops/vectorise.ts";
import { printKernel } from "../../compiler/loops/index.ts";
import { printWat } from "../../compiler/codegen/wat/index.ts";
import { call, modelOf } from "./compiled.ts";
import { bindings, programs, randomInputs } from "./programs.ts";
const opt = JSON.parse(process.argv[2]), start = Number(process.argv[3]), at = Number(process.argv[4]);
const [fn, first, second, seed] = fc.sample(fc.tuple(programs(opt), bindings, bindings, fc.nat(1000)), { numRuns: at + 1, seed: start })[at];
const m = modelOf(fn), s = simplify(expandDerivatives(fn));
const noreuse = (p: any) => { const arena = p.buffers.filter((b: any) => b.storage.kind === "arena"); return { ...p, outputs: arena.map((b: any) => ({ name: b.name, buffer: b.id })), buffers: p.buffers.map((b: any, i: number) => b.storage.kind === "arena" ? { ...b, storage: { kind: "arena", slot: arena.indexOf(b) } } : b), slots: arena.map((b: any) => ({ bytes: [80000] })) }; };
const res = [];
const env = randomInputs(fn, first, seed) as any;
const ps = [];
for (const t of [tileForScalars, tileForVectors]) {
  const p = noreuse(lower(s, t)); ps.push(p);
  const model = await instantiate({ model: m, programs: [p], target: "wasm" } as any);
  res.push(call(model, { ...fn, updates: [] }, env).outputs);
}
for (const b of ps[1].outputs) {
  const x = res[0][b.name], y = res[1][b.name];
  if (!x) { console.log("only in vector", b.name); continue; }
  const i = x.data.findIndex((v, i) => Math.abs(v - y.data[i]) > 1e-4 * Math.max(1,Math.abs(v)));
  if (i >= 0) { console.log("DIFF", b.name, x.shape, i, x.data[i], y.data[i], "\n", [...x.data].slice(0,20).join(" "), "\n", [...y.data].slice(0,20).join(" "));
    const k = ps[1].kernels.find((k: any) => k.args.some((a: any) => a.name === b.name && a.access !== "read"));
    if (k) { console.log(printKernel(k)); const w = printWat([ps[1]], m).text; const j = w.indexOf(`(func $${k.name} `); console.log(w.slice(j, j + 6000)); }
    break; }
}
process.exit(0);
