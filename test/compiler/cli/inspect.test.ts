import { expect, test } from "vitest";
import { stageNames } from "../../../compiler/cli/stages.ts";
import { chainrule } from "./command.ts";

test("the declared graph, with the user's lines", async () => {
  const { status, out } = await chainrule("inspect", "helper.model.ts");
  expect(status).toBe(0);
  expect(out).toContain("fn @square(%x: f32[B,3]) {");
  expect(out).toMatch(/mul .*\/\/ layers\.ts:4/);
});

test.each(Object.keys(stageNames))("stage %s prints every function", async (stage) => {
  const { status, out, err } = await chainrule("inspect", "linear.model.ts", "--stage", stage);
  expect(err).toBe("");
  expect(status).toBe(0);
  expect(out).toContain("predict");
  expect(out).toContain("train");
  expect(out.includes("= grad ")).toBe(stage === "graph");
});

test("one function of one model", async () => {
  const { out } = await chainrule("inspect", "linear.model.ts", "--function", "predict", "--stage", "autodiff");
  expect(out).toContain("fn @predict");
  expect(out).not.toContain("fn @train");
});

const stats = async (...more: string[]) => JSON.parse((await chainrule("inspect", "linear.model.ts", "--stats", "--json", ...more)).out) as {
  functions: Record<string, { kernels: number; flops: number; bytesMoved: number; arenaBytes: number }>; artifact: { bytes: number; gzipBytes: number; loadedBytes: Record<string, number> };
};

test("--stats --json has exactly the documented shape", async () => {
  const s = await stats("--bind", "B=8");
  expect(Object.keys(s)).toEqual(["functions", "artifact"]);
  expect(Object.keys(s.functions)).toEqual(["predict", "train"]);
  for (const f of Object.values(s.functions)) {
    expect(Object.keys(f)).toEqual(["kernels", "flops", "bytesMoved", "arenaBytes"]);
    for (const n of Object.values(f)) expect(Number.isInteger(n)).toBe(true);
  }
  expect(Object.keys(s.artifact)).toEqual(["bytes", "gzipBytes", "loadedBytes"]);
  expect(s.artifact.gzipBytes).toBeLessThan(s.artifact.bytes);
  // x·w + b: 3 products and sums and a bias for each row; x, w, b read and y written once
  expect(s.functions.predict).toMatchObject({ kernels: 1, flops: 8 * (2 * 3 + 1), bytesMoved: 4 * (8 * 3 + 3 + 1 + 8) });
});

test("statistics are for the sizes bound", async () => {
  const at8 = await stats("--bind", "B=8"), at16 = await stats("--bind", "B=16");
  expect(at16.functions.predict.flops).toBe(2 * at8.functions.predict.flops);
  expect(at16.functions.predict.kernels).toBe(at8.functions.predict.kernels);
  expect(at16.artifact).toEqual(at8.artifact);
});

test("statistics as a table", async () => {
  const { out } = await chainrule("inspect", "linear.model.ts", "--stats");
  expect(out).toMatch(/function +kernels +flops +moved +arena\n +predict +1 /);
  expect(out).toMatch(/artifact [\d.]+ kB, gzipped [\d.]+ kB\n$/);
});

test("a model that does not load is told as by build", async () => {
  const { status, err } = await chainrule("inspect", "shape-error.model.ts", "--stats");
  expect(status).toBe(1);
  expect(err).toContain("shape-error.model.ts:7:29 - error chainrule: ");
});
