import { expect, test } from "vitest";
import { emit, emitOne, Value, type AnyNode, type GraphFunction, type Node } from "../../../ir/graph/index.ts";
import { parseFunction, parseModel } from "../../../ir/text/index.ts";
import type { DType, Shape } from "../../../ir/types/index.ts";
import { verify, verifyModel } from "../../../ir/verify/index.ts";

const input = (name: string, shape: Shape, dtype: DType = "f32"): Value => emitOne("input", [], { name, type: { dtype, shape } });
const variable = (name: string, shape: Shape): Value => emitOne("variable", [], { name, type: { dtype: "f32", shape } });
const param = (index: number, shape: Shape): Value => emitOne("parameter", [], { index, type: { dtype: "f32", shape } });
const fn = (inputs: Value[], value: Value, updates: GraphFunction["updates"] = []): GraphFunction => ({ name: "f", inputs, outputs: [{ name: "y", value }], updates });

/** A node made behind `emit`'s back: what a faulty pass could leave. */
function forge(node: AnyNode, change: Partial<Node>, types = node.outputs.map((v) => v.type)): Value {
  const outputs: Value[] = [];
  const forged = { ...node, ...change, outputs } as Node;
  outputs.push(...types.map((t, i) => new Value(forged, i, t)));
  return outputs[0];
}
const nodeOf = (v: Value): AnyNode => v.node as AnyNode;

test("a well-formed function passes, regions and updates included", () => {
  verify(parseFunction(`variable @w : f32[B]
fn @f(%x: f32[B], %p: bool[]) {
  %0 = mul %x, @w : f32[B]
  %1 = cond %p, [%0] : f32[B]
    then(%2: f32[B]) {
      return %2
    }
    else(%3: f32[B]) {
      %4 = constant 0 : f32[B]
      return %4
    }
  return y = %0
  update @w = %1
}`));
});

test("a type that is not what the record infers", () => {
  const x = input("x", ["B", 2]);
  const wrong = forge(nodeOf(emitOne("neg", [x], {})), {}, [{ dtype: "f32", shape: ["B"] }]);
  expect(() => verify(fn([x], wrong))).toThrow("internal: in f, %0 = neg %x : f32[B]\n  result 0 should be f32[B,2]");
});

test("operands that the op does not take", () => {
  const x = input("x", ["B", 2]), y = input("y", ["B"]);
  const wrong = forge(nodeOf(emitOne("add", [x, x], {})), { inputs: [x, y] });
  expect(() => verify(fn([x, y], wrong))).toThrow(/%0 = add %x, %y : f32\[B,2\]\n {2}is ill-formed: internal: add of f32\[B,2\] and f32\[B\]/);
});

test("a value used before it is made", () => {
  const x = input("x", ["B"]);
  const early = nodeOf(emitOne("neg", [x], {}));
  const late = emitOne("exp", [x], {});
  expect(() => verify(fn([x], forge(early, { inputs: [late] })))).toThrow(/uses a value made after it/);
});

test("attributes that are too many, too few or not what they should be", () => {
  const x = input("x", [2, 3]);
  const sum = nodeOf(emitOne("reduce", [x], { reducer: "sum", axes: [1] }));
  const verifyAttrs = (attrs: object) => () => verify(fn([x], forge(sum, { attrs: attrs as Node["attrs"] })));
  expect(verifyAttrs({ reducer: "sum", axes: [1] })).not.toThrow();
  expect(verifyAttrs({ reducer: "sum", axes: [1], keepdim: true })).toThrow(/has the attribute "keepdim", which reduce does not have/);
  expect(verifyAttrs({ reducer: "sum" })).toThrow(/lacks the attribute "axes"/);
  expect(verifyAttrs({ reducer: "mean", axes: [1] })).toThrow(/has reducer = mean: expected one of sum/);
  expect(verifyAttrs({ reducer: "sum", axes: [0.5] })).toThrow(/has axes = \[0.5\]/);
});

test("dimensions are canonical", () => {
  const x = input("x", ["B*2"]);
  expect(() => verify(fn([x], x))).toThrow(/f32\[B\*2\] has the dimension "B\*2", which is not a canonical size/);
  const y = input("y", [-1]);
  expect(() => verify(fn([y], y))).toThrow(/the dimension "-1"/);
});

test("a constant's elements are in the array of its dtype", () => {
  const wrong = emitOne("constant", [], { dtype: "f32", shape: [1], data: Float64Array.of(1) });
  expect(() => verify(fn([], wrong))).toThrow(/holds its elements in a Float64Array/);
});

test("regions are closed, and their parameters in order", () => {
  const x = input("x", ["B"]), p = input("p", [], "bool");
  const branch = () => { const a = param(0, ["B"]); return { params: [a], results: [a] }; };
  const cond = (then: Value[]) => emit("cond", [p, x], {}, [{ params: branch().params, results: then }, branch()])[0];
  expect(() => verify(fn([x, p], cond([x])))).toThrow(/its region "then" is not closed: it uses the input x/);
  expect(() => verify(fn([x, p], cond([variable("w", ["B"])])))).toThrow(/it uses the variable w/);
  expect(() => verify(fn([x, p], cond([param(0, ["B"])])))).toThrow(/it uses a parameter of another/);
  const misnumbered = param(1, ["B"]);
  const wrong = emit("cond", [p, x], {}, [{ params: [misnumbered], results: [misnumbered] }, branch()])[0];
  expect(() => verify(fn([x, p], wrong))).toThrow(/parameter 0 of its region "then" is not a parameter with that index/);
  expect(() => verify(fn([x], param(0, ["B"])))).toThrow(/is outside every region/);
});

test("inputs and variables are what the function says", () => {
  const x = input("x", ["B"]), y = input("x", ["B"]);
  expect(() => verify(fn([x, y], x))).toThrow(/two inputs called "x"/);
  expect(() => verify(fn([], x))).toThrow(/is not among the function's inputs: "x"/);
  expect(() => verify(fn([variable("w", [])], x))).toThrow(/is no input/);
  const w = emitOne("add", [variable("w", [2]), emitOne("broadcast", [variable("w", [])], { shape: [2], axes: [] })], {});
  expect(() => verify(fn([], w))).toThrow(/gives @w the type f32\[\]; it is f32\[2\]|gives @w the type f32\[2\]; it is f32\[\]/);
});

test("an update has its variable's type", () => {
  const w = variable("w", [2]), x = input("x", []);
  expect(() => verify(fn([x], w, [{ variable: "w", value: x }]))).toThrow(/gives @w the type f32\[\]; it is f32\[2\]/);
  expect(() => verify(fn([x], w, [{ variable: "w", value: w }, { variable: "w", value: w }]))).toThrow(/two updates called "w"/);
});

test("a model's functions use its variables", () => {
  const model = parseModel("model m\nparameter @w : f32[2] = 0\n\nfn @f() {\n  return y = @w\n}\n");
  verifyModel(model);
  expect(() => verifyModel({ ...model, variables: [] })).toThrow(/uses @w, which the model does not have/);
  expect(() => verifyModel({ ...model, variables: [{ ...model.variables[0], type: { dtype: "f64", shape: [2] } }] })).toThrow(/gives @w the type f32\[2\]; it is f64\[2\]/);
});
