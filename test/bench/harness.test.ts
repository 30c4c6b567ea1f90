import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Node } from "../../ir/graph/index.ts";
import { barChart } from "./chart.ts";
import { contenders, peerNames } from "./contenders.ts";
import { models } from "./peers/onnx/models.ts";
import { encodeModel, withConstants } from "./peers/onnx/proto.ts";
import { meanRatio, toJson, type Row } from "./results.ts";
import { difference, geometricMean, median } from "./statistics.ts";
import { digits, explain, markdownTable, meansTable, textTable } from "./table.ts";
import { noise, taskOf } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

/** The benchmark's own arithmetic: nothing here is timed, and no peer is needed. */

const rows: Row[] = [
  { id: "W1", title: "one", medianMs: { "chainrule-wasm": 2, torch: 1, "tfjs-wasm": 20 } },
  { id: "W2", title: "two", medianMs: { "chainrule-wasm": 0.001, torch: 1 } },
  { id: "W3", title: "three < four", medianMs: { "chainrule-wasm": 2, torch: 4, "tfjs-wasm": 5 } },
];
const names = ["chainrule-wasm", "tfjs-wasm", "torch"];

describe("statistics", () => {
  test("median", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(() => median([])).toThrow(/median of nothing/);
    fc.assert(fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (xs) => {
      const m = median(xs);
      expect(xs.filter((x) => x < m).length).toBeLessThanOrEqual(xs.length / 2);
      expect(xs.filter((x) => x > m).length).toBeLessThanOrEqual(xs.length / 2);
    }));
  });
  test("geometric mean: of ratios, it is the other way round the other way round", () => {
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
    expect(geometricMean([])).toBeUndefined();
    fc.assert(fc.property(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1 }), (xs) => {
      expect(geometricMean(xs)! * geometricMean(xs.map((x) => 1 / x))!).toBeCloseTo(1, 9);
    }));
  });
  test("results differ where an element is off by more than the tolerance, or is NaN, or is missing", () => {
    expect(difference([1, 2, 3], [1, 2, 3.0001])).toBeUndefined();
    expect(difference([1, 2, 3], [1, 2, 3.01])).toBe("element 2 is 3, not 3.01");
    expect(difference([1, NaN], [1, NaN])).toMatch(/element 1 is NaN/);
    expect(difference([1, 2], [1, 2, 3])).toMatch(/2 elements, not 3/);
    expect(difference([1e-9, 100], [0, 100])).toBeUndefined(); // small beside the others
  });
});

describe("tables", () => {
  test("the mean ratio is over what both do, and not over W2", () => {
    expect(meanRatio(rows, "chainrule-wasm", "torch")).toBeCloseTo(1, 12); // 2/1 and 2/4
    expect(meanRatio(rows, "tfjs-wasm", "chainrule-wasm")).toBeCloseTo(5, 12); // 20/2 and 5/2
    expect(meanRatio(rows, "ort-web", "torch")).toBeUndefined();
  });
  test("three digits", () => {
    expect([0.00234, 0.0456, 1.234, 12.34, 99.96, 123.4].map(digits)).toEqual(["0.00234", "0.0456", "1.23", "12.3", "100", "123"]);
  });
  test("text", () => {
    expect(textTable(rows, names).split("\n")).toEqual([
      "                       chainrule-wasm     tfjs-wasm          torch",
      "W1                               2.00  20.0 (10.0×)  1.00 (0.500×)",
      "W2                            0.00100             –   1.00 (1000×)",
      "W3                               2.00  5.00 (2.50×)   4.00 (2.00×)",
      "geometric mean but W2                         5.00×          1.00×",
    ]);
  });
  test("means of chainrule over each peer", () => {
    expect(meansTable(rows, [...names, "chainrule-js"]).split("\n")).toEqual([
      "                tfjs-wasm  torch",
      "chainrule-wasm     0.200×  1.00×",
      "chainrule-js            –      –",
    ]);
  });
  test("Markdown", () => {
    expect(markdownTable(rows, names).split("\n")).toEqual([
      "| milliseconds (ratio to chainrule-wasm) | chainrule-wasm | tfjs-wasm | torch |",
      "|---|---:|---:|---:|",
      "| W1 one | **2.00** | 20.0 (10.0×) | 1.00 (0.500×) |",
      "| W2 two | **0.00100** | – | 1.00 (1000×) |",
      "| W3 three < four | **2.00** | 5.00 (2.50×) | 4.00 (2.00×) |",
      "| geometric mean but W2 |  | 5.00× | 1.00× |",
    ]);
  });
  test("JSON", () => {
    expect(JSON.parse(toJson(rows, names))).toEqual({
      workloads: rows.map(({ id, medianMs }) => ({ id, medianMs })),
      geomean: { "tfjs-wasm": expect.closeTo(0.2, 12), torch: expect.closeTo(1, 12) },
    });
  });
  test("a dash has its reason", () => {
    expect(explain(new Map([["torch", new Map([["there is none", ["W1", "W3"]], ["it fails", ["W4"]]])]]))).toEqual(["torch: W1, W3: there is none", "torch: W4: it fails"]);
  });
});

describe("chart", () => {
  const svg = barChart(rows, contenders({ python: "python3", reVectorise: false, device: "cpu" }).filter((c) => names.includes(c.name)));
  /** Left end and width of the bar with a title. */
  const bar = (title: string): [number, number] => {
    const found = new RegExp(`x="([\\d.]+)" y="[\\d.]+" width="([\\d.]+)"[^>]*><title>${title}<`).exec(svg);
    expect(found, title).not.toBeNull();
    return [Number(found![1]), Number(found![2])];
  };
  test("bars start at 1, to the left for those who are faster, and are as long as logarithms", () => {
    const [one] = bar("W1 one: tfjs-wasm 10.0×"), [slow, tenfold] = bar("W1 one: tfjs-wasm 10.0×"), [fast, half] = bar("W1 one: torch 0.500×"), [, twice] = bar("W3 three &lt; four: torch 2.00×");
    expect(slow).toBe(one);
    expect(fast + half).toBeCloseTo(one, 0);
    expect(half).toBeCloseTo(twice, 0);
    expect(tenfold).toBeCloseTo(twice / Math.log10(2), -1);
  });
  test("nobody without a number has a bar", () => {
    expect(svg).not.toContain("W2 two: tfjs-wasm");
    expect(svg).not.toContain("NaN");
  });
});

describe("workloads", () => {
  test("numbers are the same every time, and within their bounds", () => {
    const { data } = noise([1000], 7, 0.5);
    expect(data).toEqual(noise([1000], 7, 0.5).data);
    expect(Math.max(...data)).toBeGreaterThan(0.45);
    expect(data.every((x) => Math.abs(x) <= 0.5)).toBe(true);
    expect(Math.abs(data.reduce((a, b) => a + b) / 1000)).toBeLessThan(0.05);
    expect(noise([1000], 8, 0.5).data).not.toEqual(data);
  });
  test("each has its function and output, and weights for all of its model's parameters", () => {
    for (const w of workloads) {
      const model = w.model(), { weights, inputs } = taskOf(w);
      expect(model.functions.map((f) => f.name), w.id).toContain(w.call);
      const fn = model.functions.find((f) => f.name === w.call)!;
      expect(fn.outputs.map((o) => o.name), w.id).toContain(w.output);
      expect(fn.inputs.map((i) => (i.node as Node<"input">).attrs.name).sort(), w.id).toEqual(Object.keys(inputs).sort());
      const parameters = model.variables.filter((v) => v.role === "parameter").map((v) => [v.name, v.type.shape]);
      expect(Object.entries(weights).map(([name, t]) => [name, t.shape]).sort(), w.id).toEqual(parameters.sort());
    }
  });
  test("the ONNX files are what their script makes, and take the weights as constants", () => {
    for (const graph of models) {
      const file = readFileSync(new URL(`peers/onnx/${graph.name}.onnx`, import.meta.url));
      expect(new Uint8Array(file), `${graph.name}: npx tsx test/bench/peers/onnx/make.ts`).toEqual(encodeModel(graph));
      expect(file.length).toBeLessThan(4096);
    }
    const appended = withConstants(new Uint8Array(), { w: { dtype: "f32", shape: [1], data: Float32Array.of(1) } });
    // field 7 (graph) of 15 bytes: field 5 (initializer) of 13: dims 1, data_type 1, name "w", raw_data of 4 bytes
    expect([...appended]).toEqual([0x3a, 15, 0x2a, 13, 0x08, 1, 0x10, 1, 0x42, 1, 0x77, 0x4a, 4, 0, 0, 0x80, 0x3f]);
  });
  test("every peer has a colour of its own", () => {
    const all = contenders({ python: "python3", reVectorise: true, device: "cpu" });
    expect(all.map((c) => c.name)).toEqual(expect.arrayContaining([...peerNames.cpu]));
    expect(new Set(all.map((c) => c.colour)).size).toBe(all.length);
  });
});
