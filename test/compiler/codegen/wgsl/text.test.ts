import { expect, test } from "vitest";
import { defineModel, f32, f64, i32, nn } from "chainrule";
import { printWgsl } from "../../../../compiler/codegen/wgsl/index.ts";
import { compile, compileFunction } from "../../../../compiler/pipeline.ts";
import { golden } from "../../../golden.ts";

// The text of shaders, to read: a map, rows, a fold in two stages, a product with its epilogue, a scatter.
test("shaders as they are printed", () => {
  const model = defineModel("shaders", (m) => {
    const fc = m.use("fc", nn.linear(64, 48));
    m.fn("map", { x: f32("B", 3) }, ({ x }) => ({ y: x.mul(2).exp() }));
    m.fn("softmax", { x: f32("B", 100) }, ({ x }) => ({ y: x.softmax(-1) }));
    m.fn("mean", { x: f32(1024, 1024) }, ({ x }) => ({ y: x.mean() }));
    m.fn("layer", { x: f32("B", 64) }, ({ x }) => ({ y: fc(x).relu() }));
    m.fn("place", { x: f32("B", 4), at: i32("B") }, ({ x, at }) => ({ y: x.mul(0).sum(0).reshape([1, 4]).expand([5, 4]).indexAdd(0, at, x) }));
    // what is written before an index is looked at is put aside first, and put back if that is out of range
    const table = m.param("table", [5, 4]);
    m.fn("put", { x: f32("B", 4), at: i32("B") }, ({ x, at }) => {
      const written = table.indexCopy(0, at, x);
      return { outputs: { next: written.indexSelect(0, written.sum(1).argmax(0).unsqueeze(0)) }, updates: [[table, written]] };
    });
  });
  golden("wgsl/shaders.js", printWgsl(model.functions.map((fn) => compileFunction(fn, "webgpu").plan), model));
});

// `&&` is a branch, and of many in a loop SwiftShader's compiler takes half as long again for each
test("whether a place lies in what was padded is no branch", () => {
  const model = defineModel("padded", (m) => {
    m.fn("f", { x: f32("B", 4) }, ({ x }) => ({ y: x.pad([1, 2, 3, 1]).exp(), z: x.pad([2, 2, 1, 1]).exp().sum() }));
  });
  const text = printWgsl([compileFunction(model.functions[0], "webgpu").plan], model);
  expect(text).toContain(") & (");
  expect(text).not.toContain("&&");
});

test("double precision is refused when the model is built, by tensor and line", () => {
  const model = defineModel("wide", (m) => { m.fn("f", { x: f32("B") }, ({ x }) => ({ y: x.convert("f64").sum() })); });
  expect(() => compile(model, { target: "webgpu" })).toThrow(/convert of f is f64\[B\], and a GPU has no f64\n.*make it f32.*\n.*text\.test\.ts:\d+/);
  const input = defineModel("wide", (m) => { m.fn("f", { x: f64("B") }, ({ x }) => ({ y: x.sum() })); });
  expect(() => compile(input, { target: "all" })).toThrow("input x of f is f64[B]");
});
