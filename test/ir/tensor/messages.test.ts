import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { typeCheck } from "./check.ts";

const path = "test/ir/tensor/fixtures/mistakes.ts";

test("the compiler names both dimensions, at the line of the mistake", () => {
  const lines = readFileSync(new URL("fixtures/mistakes.ts", import.meta.url), "utf8").split("\n");
  const expected = lines.flatMap((text, i) => (text.includes("// -> ") ? [{ line: i + 1, message: text.split("// -> ")[1] }] : []));
  const { mistakes } = typeCheck(path);
  for (const { line, message } of expected) expect(mistakes.filter((m) => m.line === line).map((m) => m.text).join("\n"), lines[line - 1]).toContain(message);
  // and nowhere else
  expect([...new Set(mistakes.map((m) => m.line))].sort((a, b) => a - b)).toEqual(expected.map((e) => e.line));
}, 120_000);

test("a model of 200 layers costs little to check", () => {
  const head = 'import { zeros, type Tensor } from "chainrule";\ndeclare const x: Tensor<["B", 64], "f32">;\n';
  const layers = Array.from({ length: 200 }, (_, k) => {
    const from = k === 0 ? "x" : `h${k - 1}`, width = (n: number): number => 32 + n;
    return `const h${k} = ${from}.matmul(zeros([${k === 0 ? 64 : width(k - 1)}, ${width(k)}])).add(zeros([${width(k)}])).gelu().mul(0.5).softmax(-1);`;
  });
  const tail = "export const mean = h199.sum(-1, { keepdim: true }).reshape(-1).mean();\n";
  const file = "test/ir/tensor/fixtures/layers.ts";
  const empty = typeCheck(file, head), model = typeCheck(file, `${head}${layers.join("\n")}\n${tail}`);
  expect(model.mistakes).toEqual([]);
  const perLayer = (model.instantiations - empty.instantiations) / 200;
  // five ops a layer, no two layers of one shape. At 62,000 instantiations a check took 0.6 s (TypeScript 5.9), so this stays well under 3 s
  expect(perLayer).toBeLessThan(1000);
}, 120_000);
