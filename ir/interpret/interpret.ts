import { GraphError } from "../graph/error.ts";
import { withLocation } from "../graph/location.ts";
import type { AnyNode, GraphFunction, Region, Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { ops, type NdArray, type OpRecord } from "../ops/index.ts";
import { isFloat, isHalf, roundTo, sameType, typeText } from "../types/index.ts";
import { runControl } from "./control.ts";
import { bindSymbols, concreteAttrs, concreteType, type Argument, type Binding, type ConcreteType } from "./symbols.ts";

/** What a call is given: arrays by name. Variables that the function does not read may be left out. */
export interface Environment {
  readonly inputs: Readonly<Record<string, NdArray>>;
  readonly variables: Readonly<Record<string, NdArray>>;
}

export interface InterpretOptions {
  /**
   * Round floats to f32 after every op, f64 too. How far the results move tells how sensitive a program is to
   * rounding: what a test of a target takes its tolerance from.
   */
  readonly rounded?: boolean;
  /** Round f32 values after every op, as a library does that stores each result; f64 values stay as they are. */
  readonly storesF32?: boolean;
  /** Keep the digits of halves from op to op, as a kernel may that computes several: the other end of what is right. */
  readonly widensHalves?: boolean;
}

/** What a call gives back. `updates` holds new values, computed from the old ones; nothing is written. */
export interface Results {
  readonly outputs: Record<string, NdArray>;
  readonly updates: Record<string, NdArray>;
}

/**
 * Runs a function in double precision: the oracle that every target is tested against. f32 values are not
 * rounded between ops (constants are), f16 and bf16 values after every op; integers and bools are exact.
 *
 * Throws a GraphError where an input is missing or unknown, a type or symbol does not fit, an index is out of
 * range, or a derivative op has not been expanded.
 */
export function interpret(fn: GraphFunction, env: Environment, options: InterpretOptions = {}): Results {
  const roots = [...fn.outputs, ...fn.updates].map((o) => o.value);
  const nodes = reachable(roots);
  const values = new Map<Value, NdArray>();
  const args: Argument[] = [];

  const known = fn.inputs.map(inputName);
  for (const name of Object.keys(env.inputs))
    if (!known.includes(name)) throw new GraphError(`${fn.name} has no input "${name}"`, `its inputs are: ${known.join(", ") || "none"}`, undefined);
  for (const value of fn.inputs) bind(value, "input", inputName(value), env.inputs);
  for (const node of nodes) if (node.op === "variable") bind(node.outputs[0], "variable", node.attrs.name, env.variables);

  function bind(value: Value, kind: string, name: string, from: Readonly<Record<string, NdArray>>): void {
    const array = from[name];
    if (!array) throw new GraphError(`${fn.name} needs ${kind} "${name}", ${typeText(value.type)}`, undefined, value.node.at);
    const stored = options.rounded ? rounded(array) : array;
    args.push({ name: `${kind} "${name}" of ${fn.name}`, type: value.type, array });
    values.set(value, stored);
  }

  const machine = new Machine(bindSymbols(args), options);
  machine.run(nodes, values);
  const named = (list: readonly { value: Value }[], name: (i: number) => string): Record<string, NdArray> =>
    Object.fromEntries(list.map(({ value }, i) => [name(i), values.get(value)!]));
  return {
    outputs: named(fn.outputs, (i) => fn.outputs[i].name),
    updates: named(fn.updates, (i) => fn.updates[i].variable),
  };
}

const inputName = (value: Value): string => (value.node as AnyNode).op === "input" ? (value.node as Extract<AnyNode, { op: "input" }>).attrs.name : "";

const rounded = (x: NdArray): NdArray => (isHalf(x.dtype) ? roundedHalf(x) : isFloat(x.dtype) ? { ...x, data: x.data.map(Math.fround) } : x);
/** A half is stored as one; f32 values are not rounded. */
const roundedHalf = (x: NdArray): NdArray => (isHalf(x.dtype) ? { ...x, data: x.data.map((v) => roundTo(x.dtype, v)) } : x);
const roundedF32 = (x: NdArray): NdArray => (x.dtype === "f32" ? rounded(x) : roundedHalf(x));

/** A node made ready for this call's sizes. Bodies of loops are prepared once. */
interface Prepared {
  readonly attrs: AnyNode["attrs"];
  readonly out: readonly ConcreteType[];
}

/** Evaluates nodes under one binding of the symbols. */
export class Machine {
  readonly binding: Binding;
  readonly #store: (x: NdArray) => NdArray;
  readonly #prepared = new Map<AnyNode, Prepared>();
  readonly #bodies = new Map<Region, AnyNode[]>();

  constructor(binding: Binding, options: InterpretOptions) {
    this.binding = binding;
    this.#store = options.widensHalves ? (x) => x : options.rounded ? rounded : options.storesF32 ? roundedF32 : roundedHalf;
  }

  /** Computes `nodes` in order, adding their results to `values`. */
  run(nodes: readonly AnyNode[], values: Map<Value, NdArray>): void {
    for (const node of nodes) {
      if (values.has(node.outputs[0])) continue;
      const operands = node.inputs.map((v) => values.get(v)!);
      const results = withLocation(node.at, () => this.#evaluate(node, operands));
      for (const [i, v] of node.outputs.entries()) values.set(v, this.#store(results[i]));
    }
  }

  /** Results of a region on the given arguments. */
  call(region: Region, args: readonly NdArray[]): NdArray[] {
    let body = this.#bodies.get(region);
    if (!body) this.#bodies.set(region, (body = reachable(region.results)));
    const values = new Map(region.params.map((p, i) => [p, args[i]]));
    this.run(body, values);
    return region.results.map((v) => values.get(v)!);
  }

  #evaluate(node: AnyNode, operands: readonly NdArray[]): readonly NdArray[] {
    if (node.op === "cond" || node.op === "while" || node.op === "scan" || node.op === "custom" || node.op === "checkpoint")
      return runControl(node, operands, this);
    // The record belongs to the node by construction; TypeScript cannot correlate the two unions.
    const record = ops[node.op] as OpRecord<AnyNode["attrs"]>;
    if (!record.evaluate)
      throw new GraphError(`internal: the interpreter met ${node.op}; derivatives must be expanded before a function is run`);
    const { attrs, out } = this.#prepare(node, record, operands);
    return record.evaluate(operands, attrs, out);
  }

  /**
   * Puts numbers for symbols, and infers the types again with them: a slice that symbols left undecided, say,
   * is checked here.
   */
  #prepare(node: AnyNode, record: OpRecord<AnyNode["attrs"]>, operands: readonly NdArray[]): Prepared {
    let prepared = this.#prepared.get(node);
    if (prepared) return prepared;
    const attrs = concreteAttrs(node.attrs, this.binding, node.op);
    const out = node.outputs.map((v) => concreteType(v.type, this.binding, node.op));
    if (record.kind !== "source")
      for (const [i, type] of record.infer(operands, attrs, []).entries())
        if (!sameType(type, out[i])) throw new Error(`internal: ${node.op} gives ${typeText(type)} where the graph says ${typeText(node.outputs[i].type)}`);
    this.#prepared.set(node, (prepared = { attrs, out }));
    return prepared;
  }
}
