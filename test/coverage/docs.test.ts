import { Node, Project, type ExportedDeclarations } from "ts-morph";
import { expect, test } from "vitest";

/** What the editor shows: every exported function, method and layer says what it is, and what PyTorch (or JAX) calls it. */

const root = `${import.meta.dirname}/../..`;
/** chainrule's own, which no peer has. */
const own = new Set([
  "assign", "bf16", "bool", "defineModel", "f16", "f32", "f64", "i32", "u32", "u8", "isTraining", "latest", "cond", "scan", "whileLoop", "grad", "jvp", "vjp", "valueAndGrad", "rotaryEmbedding", "sinusoidalPositions", "lion", "initOf", "scalar",
  "autocast", "lossScaling", "dynamicLossScale",
]);

const isCallable = (d: Node): boolean => Node.isFunctionDeclaration(d) || Node.isVariableDeclaration(d);
function docOf(d: ExportedDeclarations): string {
  if (Node.isVariableDeclaration(d)) return (d.getVariableStatement()?.getJsDocs() ?? []).map((j) => j.getText()).join("\n");
  return Node.isFunctionDeclaration(d) ? [d, ...d.getOverloads()].flatMap((f) => f.getJsDocs()).map((j) => j.getText()).join("\n") : "";
}

test("every public function, method and layer has a docstring that names its peer", () => {
  const project = new Project({ tsConfigFilePath: `${root}/tsconfig.json`, skipAddingFilesFromTsConfig: true });
  project.addSourceFilesAtPaths(`${root}/ir/**/*.ts`);
  const files = ["index", "nn/index", "nn/functional", "losses/index", "linalg/index", "optim/index", "init/init", "random/index"].map((f) => project.getSourceFileOrThrow(`${root}/ir/${f}.ts`));
  const methods = project.getSourceFiles().filter((f) => f.getFilePath().includes("/ir/tensor/methods/"));
  expect(methods.length).toBeGreaterThan(20);
  const missing = [...files, ...methods].flatMap((file) => [...file.getExportedDeclarations()].flatMap(([name, declarations]) => {
    const callable = declarations.filter(isCallable);
    if (callable.length === 0) return [];
    const doc = callable.map(docOf).join("\n").replace(/\s*\n \*\s*/g, " ");
    const wrong = doc.length < 20 ? "has no docstring" : own.has(name) || /PyTorch: |PyTorch's|JAX: |SciPy/.test(doc) ? undefined : "does not say what PyTorch calls it";
    return wrong ? [`${file.getBaseName()}: ${name} ${wrong}`] : [];
  }));
  expect(missing).toEqual([]);
}, 120_000);
