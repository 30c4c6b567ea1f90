import { GraphError, type AnyNode, type Value } from "../../ir/graph/index.ts";
import { ops, sizeOfShape, type NdArray, type OpRecord } from "../../ir/ops/index.ts";
import { arrayType, roundTo, type DType, type Shape, type TypedArray } from "../../ir/types/index.ts";
import { splat, splatOf } from "./constants.ts";
import { from, type Builder, type Rule, type RuleTable } from "./rule.ts";

/** Constants: what depends on nothing else is computed here, through the op's own meaning. */

/** Elements a folded constant, or an operand of one, has at most: more is better computed than shipped. */
const maxElements = 4096;
/** Steps that folding a product or windows takes at most. */
const maxWork = 1 << 16;

/** A constant whose elements are all equal is told as one number, which has any shape and takes no memory. */
const uniformConstant: Rule<"constant"> = ({ attrs: { data }, outputs: [out] }, build) => {
  if (typeof data === "number" || data.length === 0) return undefined;
  const first = data[0];
  for (const x of data) if (!Object.is(x, first)) return undefined;
  return splat(build, first, out.type);
};

/** A constant has any shape of its size: no elements are touched, however many. */
const reshapeConstant: Rule<"reshape"> = ({ inputs: [x], attrs: { shape } }, build) => {
  const node = from(x, "constant");
  return node && build.make("constant", [], { ...node.attrs, shape });
};

const knownDimension: Rule<"dimension"> = ({ attrs: { size }, outputs: [out] }, build) =>
  (typeof size === "number" ? splat(build, roundTo("i32", size), out.type) : undefined);

const iotaOfOne: Rule<"iota"> = ({ attrs: { shape, axis }, outputs: [out] }, build) =>
  (shape[axis] === 1 ? splat(build, 0, out.type) : undefined);

/** A scalar op, a choice or a conversion of constants of one number each: one number, whatever the shape. */
const foldSplats = (node: AnyNode, build: Builder): Value | undefined => {
  if (ops[node.op].kind !== "elementwise") return undefined;
  const operands: NdArray[] = [];
  for (const v of node.inputs) {
    const value = splatOf(v);
    if (value === undefined) return undefined;
    operands.push({ dtype: v.type.dtype, shape: [], data: Float64Array.of(value) });
  }
  const { type } = node.outputs[0];
  const [result] = evaluate(node, operands, [{ dtype: type.dtype, shape: [] }]);
  return splat(build, roundTo(type.dtype, result.data[0]), type);
};

/** Moving equal elements about changes nothing but the shape. */
const moveSplat = (node: AnyNode, build: Builder): Value | undefined => {
  if (ops[node.op].kind !== "movement") return undefined;
  const [first, ...others] = node.inputs;
  const value = splatOf(first);
  if (value === undefined || !others.every((v) => Object.is(splatOf(v), value))) return undefined;
  return splat(build, value, node.outputs[0].type);
};

/** Anything small on constants alone. */
const foldConstants = (node: AnyNode, build: Builder): Value[] | undefined => {
  if (node.inputs.length === 0 || node.regions.length > 0 || ops[node.op].kind === "derivative") return undefined;
  const outputs: ConcreteType[] = [], operands: NdArray[] = [];
  for (const v of node.outputs) {
    const type = concrete(v);
    if (!type) return undefined;
    outputs.push(type);
  }
  for (const v of node.inputs) {
    const operand = constantArray(v);
    if (!operand) return undefined;
    operands.push(operand);
  }
  if (sizeOfShape(outputs[0].shape) * foldedBy(node, operands) > maxWork) return undefined;
  let results: NdArray[];
  try {
    results = evaluate(node, operands, outputs);
  } catch (e) {
    if (e instanceof GraphError) return undefined; // an index out of range: the program stops if it gets there
    throw e;
  }
  return results.map(({ dtype, shape, data }) => build.make("constant", [], { dtype, shape, data: typed(dtype, data) }));
};

/** How many operand elements one element of the result is made of, for ops that may take many. */
function foldedBy(node: AnyNode, [x, y]: readonly NdArray[]): number {
  switch (node.op) {
    case "dot": return node.attrs.contract.reduce((n, [i]) => n * x.shape[i], 1);
    case "conv": return sizeOfShape(y.shape.slice(2));
    case "reduceWindow": case "argReduceWindow": case "unpool": return sizeOfShape(node.attrs.window);
    default: return 1;
  }
}

interface ConcreteType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

const isConcrete = (shape: Shape): shape is readonly number[] => shape.every((d) => typeof d === "number");

function concrete({ type: { dtype, shape } }: Value): ConcreteType | undefined {
  return isConcrete(shape) && sizeOfShape(shape) <= maxElements ? { dtype, shape } : undefined;
}

function constantArray(v: Value): NdArray | undefined {
  const node = from(v, "constant"), type = concrete(v);
  if (!node || !type) return undefined;
  const { data } = node.attrs;
  const elements = typeof data === "number" ? new Float64Array(sizeOfShape(type.shape)).fill(data) : Float64Array.from(data);
  return { ...type, data: elements.map((x) => roundTo(type.dtype, x)) };
}

function evaluate(node: AnyNode, operands: readonly NdArray[], out: readonly ConcreteType[]): NdArray[] {
  // The record belongs to the node by construction; TypeScript cannot correlate the two unions.
  const record = ops[node.op] as OpRecord<AnyNode["attrs"]>;
  return record.evaluate!(operands, node.attrs, out);
}

const typed = (dtype: DType, data: Float64Array): TypedArray => arrayType[dtype].from(data.map((x) => roundTo(dtype, x)));

/** Rules for single ops. */
export const constants: RuleTable = { constant: [uniformConstant], dimension: [knownDimension], iota: [iotaOfOne], reshape: [reshapeConstant] };

/** Rules for every op, tried before any other. */
export const folding: readonly Rule[] = [foldSplats, moveSplat, foldConstants].map(
  (rule): Rule => Object.defineProperty((node, build) => rule(node as AnyNode, build), "name", { value: rule.name }),
);
