import { emitOne, rebuild, withLocation, type AnyNode, type GraphFunction, type Region, type Value } from "../../ir/graph/index.ts";
import { freeAxes } from "../../ir/ops/index.ts";
import type { Shape } from "../../ir/types/index.ts";
import { replaceIn, replaceNodes } from "./replace.ts";

type Dot = Extract<AnyNode, { op: "dot" }>;
type Loop = Extract<AnyNode, { op: "scan" | "while" }>;

/** Columns of the narrowest panels: two vectors. */
const leastWidth = 8;

/**
 * Weights that every step of a loop multiplies by, and whose columns are not neighbours in memory, are laid out before
 * the loop as a product reads them, panel by panel: `[columns, depth]` becomes `[columns/8, depth, 8]`. Else each step
 * would copy them anew. An LSTM's `h·Wᵀ` is such a product. `panelWidth` is how wide a tile of a product is.
 */
export const packCaptured = (fn: GraphFunction, panelWidth: number): GraphFunction => replaceNodes(fn, (node, inputs, regions) =>
  node.op === "scan" || node.op === "while" ? packedLoop(node, inputs, regions, panelWidth) : undefined);

function packedLoop(node: Loop, inputs: readonly Value[], regions: readonly Region[], panelWidth: number): readonly Value[] | undefined {
  const body = regions.at(-1)!, first = capturesOf(node);
  const captured = (p: Value): number => body.params.indexOf(p, first.parameter) - first.parameter;
  const packed = new Map<number, Value>();
  const panelsOf = (weights: Value): Value | undefined => {
    const k = captured(weights);
    if (k < 0) return undefined;
    const [columns, depth] = weights.type.shape as [number, number], width = columns % panelWidth === 0 ? panelWidth : leastWidth;
    if (!packed.has(k)) packed.set(k, emitOne("parameter", [], { index: body.params.length + packed.size, type: { dtype: weights.type.dtype, shape: [columns / width, depth, width] } }));
    return packed.get(k)!;
  };
  const results = replaceIn(body.results, (n, operands) => (n.op === "dot" && isTransposed(n) ? multiplied(n, operands, panelsOf(n.inputs[1])) : undefined));
  if (packed.size === 0) return undefined;
  // a test takes all that the body does
  const extra = (r: Region): Value[] => [...packed.values()].map(({ type }, i) => emitOne("parameter", [], { index: r.params.length + i, type }));
  const around = regions.slice(0, -1).map((r): Region => ({ ...r, params: [...r.params, ...extra(r)] }));
  const panels = withLocation(node.at, () => [...packed].map(([k, { type }]) => inPanels(inputs[first.operand + k], type.shape)));
  return rebuild(node, [...inputs, ...panels], [...around, { params: [...body.params, ...packed.values()], results }]);
}

/** Where a loop's captures begin, among its operands and among its body's parameters, of which a scan's first is the step. */
function capturesOf(node: Loop): { operand: number; parameter: number } {
  const operand = node.op === "scan" ? node.attrs.carries + node.attrs.xs : node.attrs.carries;
  return { operand, parameter: node.op === "scan" ? operand + 1 : operand };
}

/** A product with a matrix that is `[columns, depth]`, of whole panels, and with several rows to make packing worth it. */
function isTransposed({ inputs: [lhs, rhs], attrs: { batch, contract } }: Dot): boolean {
  const [columns, depth] = rhs.type.shape;
  return batch.length === 0 && contract.length === 1 && rhs.type.shape.length === 2 && contract[0][1] === 1
    && typeof depth === "number" && typeof columns === "number" && columns % leastWidth === 0
    && freeAxes(lhs.type.shape.length, 0, { batch, contract }).some((axis) => lhs.type.shape[axis] !== 1);
}

function multiplied(n: Dot, [lhs]: readonly Value[], panels: Value | undefined): readonly Value[] | undefined {
  if (!panels) return undefined;
  return withLocation(n.at, () => [emitOne("reshape", [emitOne("dot", [lhs, panels], n.attrs)], { shape: n.outputs[0].type.shape })]);
}

function inPanels(weights: Value, [panels, depth, width]: Shape): Value {
  return emitOne("transpose", [emitOne("reshape", [weights], { shape: [panels, width, depth] })], { perm: [0, 2, 1] });
}
