import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainShapes } from "../../../compiler/frontend/explain.ts";
import { loadModels } from "../../../compiler/frontend/index.ts";

test.each([
  ["x.matmul(zeros([5, 6]))", "cannot matmul [B, 4] with [5, 6]: 4 against 5", "must be equal"],
  ["x.add(zeros([3]))", "cannot broadcast [B, 4] with [3]: 4 against 3", "unsqueeze, reshape or transpose"],
  [`x.reshape("B", 5)`, "cannot reshape [B, 4] to [B, 5]: 4 against 5", "the same product"],
  [`cat([x, zeros([2, 3])])`, "cannot concatenate [B, 4] with [2, 3] along axis 0", "all other dimensions must be equal"],
  ["x.sum(2)", "axis 2 is outside [B, 4]", undefined],
  ["layer(x)", "the layer takes [..., 7], not [B, 4]: 4 against 7", "change the width of the layer"],
])("%s", async (expression, message, advice) => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-explain-"));
  try {
    const file = join(folder, "a.model.ts");
    writeFileSync(file, `import { cat, defineModel, f32, nn, zeros } from "chainrule";\nexport default defineModel("a", (m) => {\n  const layer = m.use("layer", nn.linear(7, 2));\n  m.fn("f", { x: f32("B", 4) }, ({ x }) => ({ y: ${expression} }));\n  void [cat, zeros, layer];\n});\n`);
    const { diagnostics } = await loadModels([file]);
    expect(diagnostics.map((d) => [d.message, d.span?.line])).toEqual([[message, 4]]);
    if (advice === undefined) expect(diagnostics[0].advice).toBeUndefined();
    else expect(diagnostics[0].advice).toContain(advice);
  } finally { rmSync(folder, { recursive: true }); }
}, 60_000);

test("other messages stay as they are", () => {
  for (const message of ["Cannot find name 'x'.", `Type '"a"' is not assignable to type '"b"'.`, `Argument of type 'string' is not assignable to parameter of type '"mean" | "sum"'.`])
    expect(explainShapes(message)).toBeUndefined();
});
