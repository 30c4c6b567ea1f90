import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { artifactFiles, writeArtifact } from "../../../compiler/artifact/index.ts";
import { golden } from "../../golden.ts";
import { compile } from "../../../compiler/pipeline.ts";
import { line } from "./models.ts";

/** A program that uses every type of the artifact, right and wrong. */
const consumer = `
import { load, type Line, type LineVariables, type ParameterName, type StateName } from "./line.js";

const model: Line = await load({ device: "auto", seed: 1 });
const x = new Float32Array(6);
const { y } = await model.predict({ x });
const columns: 1 = y.shape[1];
const rows: number[][] = y.toNested();
const data: Float32Array = y.data;
await model.predict({ x: [[1, 2, 3]] });
await model.predict({ x: { data: x, shape: [2, 3], dtype: "f32" } });
await model.train({ x, y, lr: 0.1 });
const loss: number = model.sync.train({ x, y, lr: 0.1 }).loss.item();
const scalar: number = model.sync.train({ x, y, lr: 0.1 }).loss.toNested();
model.write("w", [[1], [2], [3]]);
const steps: Int32Array = model.read("steps").data;
const three: 3 = model.read("w").shape[0];
const names: ParameterName[] = ["w", "fc.bias"], states: StateName[] = ["steps"];
const variable: keyof LineVariables = model.variables[0].name;
const again: Float32Array = (await model.functions.predict({ x })).y.data;

const buffer = model.buffer("f32", [2, 3]);
buffer.data.set(x);
const written: Float32Array = (await model.predict({ x: buffer }, { outputs: "view", out: { y: new Float32Array(2) } })).y.data;
model.sync.train({ x, y, lr: 0.1 }, { out: { loss: new Float32Array(1) } });

// @ts-expect-error the dtype of an array for an output
await model.predict({ x }, { out: { y: new Float64Array(2) } });
// @ts-expect-error the name of an output to write
model.sync.predict({ x }, { out: { z: new Float32Array(2) } });
// @ts-expect-error how outputs are given
await model.predict({ x }, { outputs: "alias" });
// @ts-expect-error the dtype of a buffer
await model.predict({ x: model.buffer("f64", [2, 3]) });
// @ts-expect-error the shape of a buffer
await model.predict({ x: model.buffer("f32", [2, 4]) });
// @ts-expect-error the name of an input
await model.predict({ z: x });
// @ts-expect-error a missing input
await model.train({ x, y });
// @ts-expect-error the dtype of an array
await model.predict({ x: new Float64Array(6) });
// @ts-expect-error the dtype of a tensor
await model.predict({ x: { data: new Int32Array(6), shape: [2, 3], dtype: "i32" } });
// @ts-expect-error the shape of a tensor
await model.predict({ x: { data: x, shape: [2, 4], dtype: "f32" } });
// @ts-expect-error the rank of nested arrays
await model.predict({ x: [1, 2, 3] });
// @ts-expect-error the name of an output
(await model.predict({ x })).probs;
// @ts-expect-error the name of a function
await model.fit({ x });
// @ts-expect-error the name of a variable
model.read("weight");
// @ts-expect-error the dtype of a variable
model.write("steps", new Float32Array(1));
// @ts-expect-error states are no parameters
const wrong: ParameterName = "steps";
// @ts-expect-error a device there is not
await load({ device: "gpu" });
export { written, columns, rows, data, loss, scalar, steps, three, names, states, variable, again, wrong };
`;

test("the declarations are exact: names, dtypes, shapes", { timeout: 60_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "declarations-"));
  try {
    const consumers: string[] = [];
    for (const standalone of [false, true]) {
      const dir = join(root, standalone ? "alone" : "plain");
      await writeArtifact(compile(line()), dir, { standalone });
      consumers.push(join(dir, "consumer.mts"));
      writeFileSync(join(dir, "consumer.mts"), consumer);
    }
    const program = ts.createProgram(consumers, {
      strict: true, noEmit: true, skipDefaultLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [],
    });
    const problems = ts.getPreEmitDiagnostics(program).map((d) => `${d.file?.fileName ?? ""} ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`);
    expect(problems).toEqual([]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("the declarations and the module read well", async () => {
  const files = await artifactFiles(compile(line()));
  golden("artifact/line.d.ts", files.get("line.d.ts") as string);
  golden("artifact/line.js", (files.get("line.js") as string).replaceAll(/"[0-9a-f]{16,}"/g, '"…"'));
});
