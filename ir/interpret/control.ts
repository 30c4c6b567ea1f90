import type { Node } from "../graph/node.ts";
import { sizeOfShape, type NdArray } from "../ops/index.ts";
import type { Machine } from "./interpret.ts";
import { concreteType, sizeUnder } from "./symbols.ts";

export type ControlNode = { [K in "cond" | "while" | "scan" | "custom" | "checkpoint"]: Node<K> }["cond" | "while" | "scan" | "custom" | "checkpoint"];

/** Runs an op that has regions. */
export function runControl(node: ControlNode, operands: readonly NdArray[], machine: Machine): readonly NdArray[] {
  switch (node.op) {
    case "cond": {
      const [pred, ...rest] = operands;
      return machine.call(node.regions[pred.data[0] ? 0 : 1], rest);
    }
    case "while": return runWhile(node, operands, machine);
    case "scan": return runScan(node, operands, machine);
    case "custom": case "checkpoint": return machine.call(node.regions[0], operands);
  }
}

function runWhile({ attrs: { carries }, regions: [test, body] }: Node<"while">, operands: readonly NdArray[], machine: Machine): readonly NdArray[] {
  const captures = operands.slice(carries);
  let state = operands.slice(0, carries);
  while (machine.call(test, [...state, ...captures])[0].data[0]) state = machine.call(body, [...state, ...captures]);
  return state;
}

function runScan(node: Node<"scan">, operands: readonly NdArray[], machine: Machine): readonly NdArray[] {
  const { carries, xs, reverse } = node.attrs;
  const length = sizeUnder(node.attrs.length, machine.binding, "scan");
  const rows = operands.slice(carries, carries + xs), captures = operands.slice(carries + xs);
  const stacked = node.outputs.slice(carries).map((v): NdArray => {
    const type = concreteType(v.type, machine.binding, "scan");
    return { ...type, data: new Float64Array(sizeOfShape(type.shape)) };
  });
  let state = operands.slice(0, carries);
  for (let k = 0; k < length; k++) {
    const step = reverse ? length - 1 - k : k;
    const counter: NdArray = { dtype: "i32", shape: [], data: Float64Array.of(step) };
    const results = machine.call(node.regions[0], [counter, ...state, ...rows.map((x) => rowOf(x, step)), ...captures]);
    state = results.slice(0, carries);
    for (const [i, row] of results.slice(carries).entries()) stacked[i].data.set(row.data, step * row.data.length);
  }
  return [...state, ...stacked];
}

/** Row `step` along the leading axis, sharing memory with `x`. */
function rowOf(x: NdArray, step: number): NdArray {
  const shape = x.shape.slice(1), size = sizeOfShape(shape);
  return { dtype: x.dtype, shape, data: x.data.subarray(step * size, (step + 1) * size) };
}
