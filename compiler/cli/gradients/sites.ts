import { emitOne, locationText, reachable, type AnyNode, type GraphFunction, type Region, type SourceLocation, type Value } from "../../../ir/graph/index.ts";
import { substitute } from "../../autodiff/rewrite.ts";

/** A place in a function where the user takes a derivative, as a function that can be run by itself. */
export interface Site {
  /** `grad`, `vjp` or `jvp`. */
  readonly op: "grad" | "vjp" | "jvp";
  readonly at: SourceLocation | undefined;
  /** What the derivative is taken in: the user's function, or the body of a loop or branch of it. */
  readonly inputs: readonly Value[];
  /** What is differentiated. */
  readonly ys: readonly Value[];
  /** One for each of `ys` of a vjp, one for each of `wrt` of a jvp; none for grad, whose cotangent is 1. */
  readonly seeds: readonly Value[];
  readonly wrt: readonly Value[];
  /** What the model says the derivative is: the results of the node. */
  readonly derivatives: readonly Value[];
}

/** Every derivative that a function takes, those in the bodies of its loops and branches included. */
export function derivativeSites(fn: GraphFunction): Site[] {
  return sitesOf([...fn.outputs, ...fn.updates].map((o) => o.value), fn.inputs);
}

function sitesOf(roots: readonly Value[], inputs: readonly Value[]): Site[] {
  return reachable(roots).flatMap((node) => {
    const own = siteOf(node, inputs);
    return [...(own ? [own] : []), ...node.regions.flatMap((region) => regionSites(region, node))];
  });
}

function siteOf(node: AnyNode, inputs: readonly Value[]): Site | undefined {
  const common = { at: node.at, inputs, derivatives: node.outputs };
  switch (node.op) {
    case "grad": return { ...common, op: "grad", ys: node.inputs.slice(0, 1), seeds: [], wrt: node.inputs.slice(1) };
    case "vjp": {
      const n = node.attrs.outputs;
      return { ...common, op: "vjp", ys: node.inputs.slice(0, n), seeds: node.inputs.slice(n, 2 * n), wrt: node.inputs.slice(2 * n) };
    }
    case "jvp": {
      const n = node.attrs.outputs, count = (node.inputs.length - n) / 2;
      return { ...common, op: "jvp", ys: node.inputs.slice(0, n), wrt: node.inputs.slice(n, n + count), seeds: node.inputs.slice(n + count) };
    }
    default: return undefined;
  }
}

/**
 * Sites in a region. Its parameters become inputs, so that it can be run alone; one that is handed a variable
 * becomes that variable again.
 */
function regionSites(region: Region, user: AnyNode): Site[] {
  const first = firstOperand(region, user);
  const images = new Map<Value, Value>();
  const inputs: Value[] = [];
  for (const [i, param] of region.params.entries()) {
    const operand = user.inputs[i - first] as Value | undefined;
    if (operand?.node.op === "variable" && operand.type.shape.length === param.type.shape.length) images.set(param, operand);
    else {
      const input = emitOne("input", [], { name: inputName(operand, i), type: param.type });
      images.set(param, input);
      inputs.push(input);
    }
  }
  return sitesOf(substitute(region.results, images), inputs);
}

/**
 * Which parameter of a region its user's first operand is: a scan's body has its step before them, a branch does
 * not get the condition (−1), and a derivative of a `custom` has more after them.
 */
export const firstOperand = (region: Region, user: AnyNode): number => (user.op === "custom" ? 0 : region.params.length - user.inputs.length);

/** A name for a region's parameter that no other has. */
const inputName = (operand: Value | undefined, i: number): string => `${operand ? nameOf(operand).replace(/\W+/g, "_") : "value"}_${i}`;

/** What the user calls a value: the variable's or input's name, or the op and line that computed it. */
export function nameOf(value: Value): string {
  const node = value.node as AnyNode;
  if (node.op === "variable" || node.op === "input") return node.attrs.name;
  return node.at ? `${node.op} at ${locationText(node.at)}` : node.op;
}
