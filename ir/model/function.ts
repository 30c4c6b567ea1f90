import { emitOne, nextNodeId } from "../graph/build.ts";
import { check, GraphError } from "../graph/error.ts";
import { currentLocation, locationText } from "../graph/location.ts";
import type { AnyNode, GraphFunction, Value } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dims, sameType, typeText, type Dim } from "../types/index.ts";
import type { Registry } from "./registry.ts";
import { checkSymbolsBound, type InputSpec } from "./spec.ts";
import { FunctionFrame, variableOf, within } from "./trace.ts";

/** Declared inputs by name: `{ x: f32("B", 64), label: i32("B") }`. */
export type InputSpecs = Readonly<Record<string, InputSpec>>;
/** The tensors that a body gets for its declared inputs. */
export type InputsOf<I extends InputSpecs> = { readonly [K in keyof I]: I[K] extends InputSpec<infer S, infer D> ? Tensor<S, D> : never };

/** A variable and its new value. */
export type Update = readonly [variable: Tensor, value: Tensor];
export type Outputs = Readonly<Record<string, Tensor>>;
/** What a body returns: its results by name; or these as `outputs`, with `updates`. */
export type Returned = Outputs | { readonly outputs?: Outputs; readonly updates?: readonly Update[] };

export interface FunctionOptions {
  /** Traces the body in training mode: dropout drops, batch norm uses the batch and updates its statistics. */
  readonly train?: boolean;
}

/** Traces the body of a model's function, once, on symbolic inputs. */
export function traceFunction<I extends InputSpecs>(registry: Registry, name: string, specs: I, body: (inputs: InputsOf<I>) => Returned, { train = false }: FunctionOptions): GraphFunction {
  const start = nextNodeId();
  for (const input of Object.keys(specs))
    check(identifier.test(input), () => `${name}: "${input}" is no name for an input`, "use letters, digits and _");
  const inputs = Object.entries(specs).map(([input, { dtype, shape }]) => emitOne("input", [], { name: input, type: { dtype, shape } }));
  const named = Object.fromEntries(Object.keys(specs).map((key, i) => [key, new Tensor(inputs[i])]));

  const frame = new FunctionFrame(train, registry);
  const returned = within(frame, () => {
    const result = split(name, body(named as InputsOf<I>));
    checkUpdates(name, result.updates, frame);
    for (const [variable, value] of result.updates) frame.write(variable.value, value.value);
    return result;
  });
  const fn: GraphFunction = {
    name, inputs,
    outputs: Object.entries(returned.outputs).map(([output, t]) => ({ name: output, value: t.value })),
    updates: [...frame.pending].map(([variable, value]) => ({ variable: variableOf(new Tensor(variable)).attrs.name, value })),
  };
  checkOrigins(fn, registry, start);
  return fn;
}

const identifier = /^[A-Za-z_$][\w$]*$/;

/** What a body returned, taken apart and checked. */
function split(name: string, returned: Returned): { outputs: Outputs; updates: readonly Update[] } {
  check(typeof returned === "object" && returned !== null && !(returned instanceof Tensor), () => `${name} returns ${returned instanceof Tensor ? "a tensor without a name" : String(returned)}`,
    "return its results by name: ({ x }) => ({ y: f(x) })");
  check(!("then" in returned) || returned.then instanceof Tensor, () => `${name} returns a promise`, "its body writes a graph down, once, and computes nothing: leave out async and await");
  const { outputs, updates } = returned as { outputs?: Outputs; updates?: readonly Update[] };
  const full = (outputs !== undefined && !(outputs instanceof Tensor)) || Array.isArray(updates);
  const parts = full ? { outputs: outputs ?? {}, updates: updates ?? [] } : { outputs: returned as Outputs, updates: [] };
  for (const [output, t] of Object.entries(parts.outputs)) {
    check(identifier.test(output), () => `${name}: "${output}" is no name for an output`, "use letters, digits and _");
    check(t instanceof Tensor, () => `${name}: the output "${output}" is no tensor`, full ? undefined : "return { outputs: { … }, updates: [ … ] } or the results by name");
  }
  return parts;
}

function checkUpdates(name: string, updates: readonly Update[], frame: FunctionFrame): void {
  const seen = new Set<Value>();
  for (const [variable, value] of updates) {
    const { attrs, at } = variableOf(variable);
    if (seen.has(variable.value) || frame.pending.has(variable.value))
      throw new GraphError(`${name} updates "${attrs.name}" twice`, "return one update for a variable; a layer may have assigned it already");
    seen.add(variable.value);
    if (!sameType(attrs.type, value.value.type))
      throw new GraphError(`${name} updates "${attrs.name}", ${typeText(attrs.type)} (${locationText(at)}), with ${typeText(value.value.type)}`, "a variable keeps its dtype and shape: reshape or convert the value");
  }
}

/**
 * Checks that the function is built of its own inputs, the model's variables and constants alone, and that its inputs
 * tell the size of every symbol.
 */
function checkOrigins(fn: GraphFunction, registry: Registry, start: number): void {
  const nodes = reachable([...fn.outputs, ...fn.updates].map((o) => o.value));
  for (const node of nodes) {
    const [value] = node.outputs;
    if (node.op === "input" && !fn.inputs.includes(value))
      throw new GraphError(`${fn.name} uses the input "${node.attrs.name}" of another function, declared at ${locationText(node.at)}`,
        "a tensor belongs to the function it was made in: make it again here, or declare an input", userOf(value, nodes, start));
    if (node.op === "parameter")
      throw new GraphError(`${fn.name} uses a tensor from inside the body of a scan, whileLoop, cond or custom function`,
        "return it from the body: only what the body returns exists outside it", userOf(value, nodes, start));
    if (node.op === "variable" && !registry.owns(value))
      throw new GraphError(`${fn.name} uses the variable "${node.attrs.name}" of another model, declared at ${locationText(node.at)}`,
        "declare it in this model", userOf(value, nodes, start));
  }
  checkSymbolsBound(fn.name, fn.inputs.map((v) => v.type), symbolsOf([...fn.inputs.map((v) => v.node as AnyNode), ...nodes]));
}

/** Where a foreign value enters: the line of the first node made in this trace that depends on it. */
function userOf(foreign: Value, nodes: readonly AnyNode[], start: number) {
  const tainted = new Set<Value>([foreign]);
  for (const node of nodes) {
    if (!node.inputs.some((v) => tainted.has(v))) continue;
    if (node.id >= start) return node.at;
    for (const v of node.outputs) tainted.add(v);
  }
  return currentLocation();
}

/** Every symbol in the types of the nodes, those of their regions included. */
function symbolsOf(nodes: readonly AnyNode[]): Set<string> {
  const found = new Set<string>();
  const visit = (d: Dim): void => { for (const s of dims.symbolsOf(d)) found.add(s); };
  for (const node of nodes) {
    for (const v of node.outputs) v.type.shape.forEach(visit);
    if (node.op === "dimension") visit(node.attrs.size);
    for (const region of node.regions) for (const s of symbolsOf(reachable([...region.params, ...region.results]))) found.add(s);
  }
  return found;
}
