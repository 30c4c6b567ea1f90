import { expect, test } from "vitest";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import { emit, emitOne, nextNodeId, reachable, withLocation, type AnyNode, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import { parseFunction, printFunction } from "../../../ir/text/index.ts";
import { verify } from "../../../ir/verify/index.ts";

/** Nodes of tests have one line: looking each up in the stack would take longer than all the rest. */
const at = { file: "driver.test.ts", line: 1, column: 1 };
const input = (name: string, shape: readonly (string | number)[]): Value => emitOne("input", [], { name, type: { dtype: "f32", shape } });
const functionOf = (value: Value, ...inputs: Value[]): GraphFunction => ({ name: "f", inputs, outputs: [{ name: "y", value }], updates: [] });
const sizeOf = (fn: GraphFunction): number => reachable(fn.outputs.map((o) => o.value)).length;

/** A deep network of `layers` layers, and the gradient of its loss. */
const network = (layers: number): GraphFunction => withLocation(at, () => {
  const x = input("x", ["B", 4]), w = input("w", [4, 4]), b = input("b", [4]);
  let h = x;
  for (let i = 0; i < layers; i++) {
    const product = emitOne("dot", [h, w], { batch: [], contract: [[1, 0]] });
    h = emitOne("tanh", [emitOne("add", [product, emitOne("broadcast", [b], { shape: ["B", 4], axes: [1] })], {})], {});
  }
  const loss = emitOne("reduce", [h], { reducer: "sum", axes: [0, 1] });
  return functionOf(emit("grad", [loss, w, b], {})[0], x, w, b);
});

test("the work grows as the graph does", () => {
  const nodesMade = (layers: number): { before: number; made: number } => {
    const fn = expandDerivatives(network(layers)), start = nextNodeId();
    verify(simplify(fn));
    return { before: sizeOf(fn), made: nextNodeId() - start };
  };
  const small = nodesMade(80), large = nodesMade(800);
  expect(large.before).toBeGreaterThan(9_000);
  expect(large.made / large.before).toBeLessThan(1.1 * (small.made / small.before));
  expect(large.made).toBeLessThan(6 * large.before);
});

test("a deep chain does not exhaust the stack", () => {
  const x = input("x", ["B", 4]);
  let y = x;
  withLocation(at, () => {
    for (let i = 0; i < 20_000; i++) y = emitOne(i % 2 === 0 ? "exp" : "sin", [emitOne("transpose", [y], { perm: [1, 0] })], {});
  });
  expect(sizeOf(simplify(functionOf(y, x)))).toBe(20_001);
});

test("what needs no change is not touched", () => {
  const x = input("x", ["B", 4]);
  const y = emitOne("mul", [emitOne("exp", [x], {}), x], {});
  const fn = functionOf(y, x);
  const start = nextNodeId();
  expect(simplify(fn).outputs[0].value).toBe(y);
  expect(nextNodeId()).toBe(start);
});

test("inputs stay the same values, used or not; outputs and updates keep their names", () => {
  const fn = parseFunction(`variable @w : f32[B]
fn @f(%x: f32[B], %unused: f32[B]) {
  %0 = constant 0 : f32[B]
  %1 = sub %x, %0 : f32[B]
  return y = %1, z = %1
  update @w = %1
}`);
  const simple = simplify(fn);
  expect(simple.inputs).toBe(fn.inputs);
  expect(printFunction(simple)).toBe(`variable @w : f32[B]
fn @f(%x: f32[B], %unused: f32[B]) {
  return y = %x, z = %x
  update @w = %x
}
`);
});

test("nodes keep the lines of those they replace; of equal nodes, the first", () => {
  const fn = parseFunction(`fn @f(%x: f32[B], %s: f32[]) {
  %0 = exp %x : f32[B]      // model.ts:1
  %1 = exp %x : f32[B]      // model.ts:2
  %2 = constant 2 : f32[B]      // model.ts:3
  %3 = pow %1, %2 : f32[B]      // model.ts:4
  %4 = broadcast %s { axes = [] } : f32[B]      // model.ts:5
  %5 = sin %4 : f32[B]      // model.ts:6
  %6 = mul %3, %5 : f32[B]      // model.ts:7
  %7 = add %6, %0 : f32[B]      // model.ts:8
  return y = %7
}`);
  const lines = Object.fromEntries(reachable(simplify(fn).outputs.map((o) => o.value)).map((n: AnyNode) => [n.op === "mul" ? `mul ${n.inputs[0].node.op}` : n.op, n.at?.line]));
  expect(lines).toMatchObject({ exp: 1, "mul exp": 4, sin: 6, broadcast: 6, "mul mul": 7, add: 8 });
});

test("a function with derivatives still in it is refused", () => {
  expect(() => simplify(network(1))).toThrow(/^internal: simplify met grad/);
});
