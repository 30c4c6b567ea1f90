import { GraphError, reachable, type AnyNode, type GraphFunction, type Value } from "../../../ir/graph/index.ts";
import { typeText } from "../../../ir/types/index.ts";

/** Throws where a function needs what WebGPU has not: double precision. Names the first tensor of f64, and its line. */
export function checkForGpu(fn: GraphFunction): void {
  for (const v of fn.inputs) refuse(fn, v, v.node.op === "input" ? `input ${(v.node as Extract<AnyNode, { op: "input" }>).attrs.name}` : "an input");
  const walk = (values: Iterable<Value>): void => {
    for (const node of reachable(values)) {
      const what = node.op === "variable" ? `variable ${(node as Extract<AnyNode, { op: "variable" }>).attrs.name}` : node.op;
      for (const v of node.outputs) refuse(fn, v, what);
      for (const region of node.regions) walk(region.results);
    }
  };
  walk([...fn.outputs.map((o) => o.value), ...fn.updates.map((u) => u.value)]);
}

function refuse(fn: GraphFunction, v: Value, what: string): void {
  if (v.type.dtype !== "f64") return;
  throw new GraphError(`${what} of ${fn.name} is ${typeText(v.type)}, and a GPU has no f64`, "make it f32 with .convert(\"f32\"), or build for wasm or js", v.node.at);
}
