import { reachable, type AnyNode, type GraphFunction, type Model, type Region, type Value } from "../graph/index.ts";
import { ops, type OpRecord } from "../ops/index.ts";
import { printNode, regionNames } from "../text/index.ts";
import { sameType, typeText, type TensorType } from "../types/index.ts";
import { attributeFault, typeFault } from "./attributes.ts";

/**
 * Checks that a function is what every pass may rely on: each node has the types its record infers, attributes
 * that its text can hold, and inputs made before it; regions are closed; inputs and variables have one type
 * each; updates have their variable's. Throws an Error that starts with "internal" and names the node as printed:
 * a pass, not the user, made the mistake.
 */
export function verify(fn: GraphFunction): void {
  new Verifier(fn).function();
}

/** Verifies every function, and that the variables they use are the model's. */
export function verifyModel(model: Model): void {
  const declared = new Map(model.variables.map((v) => [v.name, v.type]));
  if (declared.size !== model.variables.length) throw new Error(`internal: two variables of ${model.name} have one name`);
  for (const fn of model.functions) new Verifier(fn, declared).function();
}

class Verifier {
  readonly #fn: GraphFunction;
  /** The model's variables, where they are known. */
  readonly #declared: ReadonlyMap<string, TensorType> | undefined;
  /** What each variable is read as. */
  readonly #variables = new Map<string, TensorType>();

  constructor(fn: GraphFunction, declared?: ReadonlyMap<string, TensorType>) {
    this.#fn = fn;
    this.#declared = declared;
  }

  function(): void {
    const fn = this.#fn;
    this.#unique("input", fn.inputs.map((v) => (v.node.op === "input" ? (v.node as Extract<AnyNode, { op: "input" }>).attrs.name : this.#fail(v.node as AnyNode, "is no input of a function"))));
    this.#unique("output", fn.outputs.map((o) => o.name));
    this.#unique("update", fn.updates.map((u) => u.variable));
    for (const node of reachable([...fn.inputs, ...[...fn.outputs, ...fn.updates].map((o) => o.value)])) {
      if (node.op === "parameter") this.#fail(node, "is outside every region");
      if (node.op === "input" && !fn.inputs.includes(node.outputs[0])) this.#fail(node, `is not among the function's inputs: "${node.attrs.name}"`);
      if (node.op === "variable") this.#variable(node, node.attrs.name, node.outputs[0].type);
      this.#node(node);
    }
    for (const { variable, value } of fn.updates) this.#variable(value.node as AnyNode, variable, value.type);
  }

  #variable(node: AnyNode, name: string, type: TensorType): void {
    const known = this.#declared?.get(name) ?? this.#variables.get(name);
    if (this.#declared && !this.#declared.has(name)) this.#fail(node, `uses @${name}, which the model does not have`);
    if (known && !sameType(known, type)) this.#fail(node, `gives @${name} the type ${typeText(type)}; it is ${typeText(known)}`);
    this.#variables.set(name, type);
  }

  #node(node: AnyNode): void {
    for (const { node: source, index } of node.inputs) {
      if (source.id >= node.id) this.#fail(node, "uses a value made after it");
      if (source.outputs[index]?.node !== source) this.#fail(node, "uses a value that its node does not have");
    }
    for (const v of node.outputs) {
      const fault = typeFault(v.type);
      if (fault) this.#fail(node, fault);
    }
    const fault = attributeFault(node);
    if (fault) this.#fail(node, fault);

    const regions = regionNames[node.op] ?? [];
    if (node.regions.length !== regions.length) this.#fail(node, `has ${node.regions.length} regions, not ${regions.length}`);
    for (const [i, region] of node.regions.entries()) this.#region(node, regions[i], region);
    this.#types(node);
  }

  #types(node: AnyNode): void {
    let types: readonly TensorType[];
    try {
      // The record belongs to the node by construction; TypeScript cannot correlate the two unions.
      types = (ops[node.op] as OpRecord<AnyNode["attrs"]>).infer(node.inputs.map((v) => v.type), node.attrs, node.regions);
    } catch (e) {
      return this.#fail(node, `is ill-formed: ${(e as Error).message}`);
    }
    if (types.length !== node.outputs.length) this.#fail(node, `has ${node.outputs.length} results, not ${types.length}`);
    for (const [i, type] of types.entries())
      if (!sameType(type, node.outputs[i].type)) this.#fail(node, `result ${i} should be ${typeText(type)}`);
  }

  #region(owner: AnyNode, name: string, region: Region): void {
    for (const [i, p] of region.params.entries()) {
      const node = p.node as AnyNode;
      if (node.op !== "parameter" || node.attrs.index !== i) this.#fail(owner, `parameter ${i} of its region "${name}" is not a parameter with that index`);
    }
    for (const node of reachable(region.results)) {
      if (node.op === "input" || node.op === "variable" || (node.op === "parameter" && !region.params.includes(node.outputs[0] as Value)))
        this.#fail(owner, `its region "${name}" is not closed: it uses ${node.op === "parameter" ? "a parameter of another" : `the ${node.op} ${node.attrs.name}`}`);
      this.#node(node);
    }
  }

  #unique(what: string, names: readonly string[]): void {
    const twice = names.find((n, i) => names.indexOf(n) !== i);
    if (twice !== undefined) throw new Error(`internal: ${this.#fn.name} has two ${what}s called "${twice}"`);
  }

  #fail(node: AnyNode, what: string): never {
    throw new Error(`internal: in ${this.#fn.name}, ${printNode(this.#fn, node)}\n  ${what}`);
  }
}
