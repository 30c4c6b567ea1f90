import { expect, test } from "vitest";
import { compile } from "../../../compiler/pipeline.ts";
import { modelStats, reportHtml } from "../../../compiler/report/index.ts";
import { defineModel, f32, losses, nn, optim } from "../../../ir/index.ts";

const model = defineModel("mlp", (m) => {
  const fc = m.use("fc", nn.linear(3, 2));
  m.symbol("B", { min: 1, max: 16 });
  m.fn("predict", { x: f32("B", 3) }, ({ x }) => ({ y: fc(x).softmax(-1) }));
  m.trainStep("train", { x: f32("B", 3), y: f32("B", 2) }, ({ x, y }) => losses.mse(fc(x), y), optim.sgd({ lr: 0.1 }));
});

async function report(): Promise<string> {
  const compiled = compile(model);
  return reportHtml(compiled, await modelStats(compiled, {}), [{ name: "a&b.js", bytes: 1234, gzipBytes: 99 }], {});
}

test("the report tells parameters, functions, kernels with their lines, and files", async () => {
  const html = await report();
  expect(html).toContain("<title>mlp: chainrule report</title>");
  expect(html).toContain("<span>8 parameters</span>");
  expect(html).toMatch(/<code>fc\.weight<\/code>.*<code>f32\[2,3\]<\/code>.*html\.test\.ts:7/);
  expect(html).toContain("predict(x: f32[B,3]) → (y: f32[B,2])");
  expect(html).toContain("at B = 16"); // the usual size, kept within the symbol's range
  expect(html).toMatch(/<i>html\.test\.ts:9<\/i>/);
  expect(html).toContain("a&amp;b.js");
  expect(html).toContain("1,234");
  expect(html.match(/<svg /g)).toHaveLength(2);
});

test("the report is one well-formed page that needs nothing else", async () => {
  const html = await report();
  expect(html).not.toMatch(/<script|<link|https?:|src=|@import|url\(/);
  const open: string[] = [];
  for (const [, close, name, selfClosing] of html.replace(/<style>[^]*?<\/style>/, "").matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
    if (selfClosing || ["meta", "br"].includes(name)) continue;
    if (close) expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
});
