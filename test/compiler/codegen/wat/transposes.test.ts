import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineModel, f16, f32, i32, u8, type ModelBuilder, type Tensor } from "chainrule";
import { artifactFiles, instantiate } from "../../../../compiler/artifact/index.ts";
import { compile } from "../../../../compiler/pipeline.ts";
import { expectAgreement } from "../../../fuzz/agreement.ts";
import { call } from "../../../fuzz/compiled.ts";
import { randomInputs } from "../../../fuzz/programs.ts";
import { golden } from "../../../golden.ts";

/** The kernels of a model of one function, as text, without the lines that they are from. */
async function kernels(define: (m: ModelBuilder) => void, vectorBits: 128 | 256 = 128): Promise<string> {
  const files = await artifactFiles(compile(defineModel("model", (m) => { define(m); }), { target: "wasm", vectorBits }));
  return [...(files.get("model.wat") as string).matchAll(/^ {2}\(func \$f_[^]*?^ {2}\)$/gm)].map(([text]) => text.replace(/_L\d+/g, "")).join("\n");
}
const count = (text: string, what: string): number => text.split(what).length - 1;

describe("vectors whose elements are far apart", () => {
  test("a transposed copy loads rows as they lie and shuffles four at a time", async () => {
    golden("wat/transpose.wat", await kernels((m) => { m.fn("f", { x: f32(12, 20) }, ({ x }) => ({ y: x.t() })); }));
  });

  test("a product that packs rows of weights does so too, whatever is computed on the way", async () => {
    for (const vectorBits of [128, 256] as const) {
      const text = await kernels((m) => { m.fn("f", { x: f32(96, 64), w: f32(48, 64) }, ({ x, w }) => ({ y: x.matmul(w.relu().t()) })); }, vectorBits);
      expect(text).not.toContain("replace_lane");
      expect(count(text, "i8x16.shuffle") % 8).toBe(0);
      expect(count(text, "i8x16.shuffle")).toBeGreaterThan(0);
    }
  });

  test("neighbours, bytes and short rows need none", async () => {
    expect(await kernels((m) => { m.fn("f", { x: f32(12, 20) }, ({ x }) => ({ y: x.add(1) })); })).not.toContain("shuffle");
    expect(await kernels((m) => { m.fn("f", { x: u8(12, 20) }, ({ x }) => ({ y: x.t().convert("f32") })); })).not.toContain("i8x16.shuffle 0 1 2 3 16");
    expect(await kernels((m) => { m.fn("f", { x: f32(20, 3) }, ({ x }) => ({ y: x.t() })); })).not.toContain("shuffle");
  });
});

const types = { f32, i32, u8, f16 };
const size = fc.oneof(fc.integer({ min: 1, max: 19 }), fc.constantFrom("B", "T"));
const movement = fc.integer({ min: 2, max: 4 }).chain((rank) => fc.record({
  dtype: fc.constantFrom(...Object.keys(types) as (keyof typeof types)[]),
  shape: fc.array(size, { minLength: rank, maxLength: rank }),
  order: fc.shuffledSubarray(Array.from({ length: rank }, (_, i) => i), { minLength: rank, maxLength: rank }),
  change: fc.constantFrom<(x: Tensor) => Tensor>((x) => x, (x) => x.relu(), (x) => x.mul(2).add(1), (x) => x.flip(-1)),
}));
const length = fc.oneof(size, fc.integer({ min: 20, max: 70 }));
const product = fc.record({ rows: length, columns: length, inner: length, isLeft: fc.boolean(), isRight: fc.boolean(), change: fc.constantFrom<(x: Tensor) => Tensor>((x) => x, (x) => x.relu()) });
type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;
const model = (moves: readonly Of<typeof movement>[], products: readonly Of<typeof product>[]) => defineModel("moves", (m) => {
  for (const [k, { dtype, shape, order, change }] of moves.entries())
    m.fn(`move${k}`, { x: types[dtype](...shape) }, ({ x }) => ({ y: change((x as Tensor).permute(...order)) }));
  for (const [k, { rows, columns, inner, isLeft, isRight, change }] of products.entries())
    m.fn(`product${k}`, { x: isLeft ? f32(inner, rows) : f32(rows, inner), x2: isRight ? f32(columns, inner) : f32(inner, columns) }, ({ x, x2 }) =>
      ({ y: (isLeft ? (x as Tensor).t() : x as Tensor).matmul(change(isRight ? (x2 as Tensor).t() : x2 as Tensor)) }));
});

test("transposed copies and products of any size agree with the interpreter", async () => {
  const bindings = [{ B: 1, T: 2 }, { B: 5, T: 3 }, { B: 6, T: 17 }];
  await fc.assert(fc.asyncProperty(fc.array(movement, { minLength: 6, maxLength: 6 }), fc.array(product, { minLength: 4, maxLength: 4 }), fc.constantFrom(128 as const, 256 as const), async (moves, products, vectorBits) => {
    const declared = model(moves, products), loaded = await instantiate(compile(declared, { target: "wasm", vectorBits }));
    for (const fn of declared.functions) for (const binding of bindings) {
      const env = randomInputs(fn, binding, 1) as unknown as Parameters<typeof call>[2];
      expectAgreement(fn, env, call(loaded, fn, env));
    }
  }), { numRuns: Number(process.env.WASM_FUZZ_RUNS ?? 6) });
}, 120_000);
