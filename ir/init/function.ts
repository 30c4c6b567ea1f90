import { emitOne } from "../graph/build.ts";
import { GraphError } from "../graph/error.ts";
import type { GraphFunction, Model, Value, Variable } from "../graph/node.ts";
import { keyOf, streams } from "../random/bits.ts";
import { bits, normal, uniform } from "../random/index.ts";
import { full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isFloat, typeText } from "../types/index.ts";

/**
 * The function `$init` that gives the variables of a model their first values: one input, `seed: u32[2]`, and an
 * update for every variable but those that start from given data (those come with the weights).
 *
 * The artifact runs it like any other function, so a seed gives the same parameters on every target. Each variable
 * draws from a stream of its own, numbered by a hash of its name: adding a variable changes no other's values.
 */
export function initFunction(model: Pick<Model, "variables">): GraphFunction {
  const type = { dtype: "u32", shape: [2] } as const;
  const seed = emitOne("input", [], { name: "seed", type });
  const updates = model.variables.filter((v) => v.init.kind !== "data").map((v) => ({ variable: v.name, value: firstValue(v, seed) }));
  return { name: "$init", inputs: [seed], outputs: [], updates };
}

function firstValue({ name, type, init, at }: Variable, seed: Value): Value {
  const { dtype, shape } = type;
  const draw = { key: new Tensor(seed), stream: hash(name) % streams, shape };
  switch (init.kind) {
    case "constant": return full(init.value, dtype, shape);
    case "uniform": case "normal": {
      if (!isFloat(dtype)) throw new GraphError(`"${name}" is ${typeText(type)} and cannot start from a ${init.kind} distribution`, "use init.constant or init.data for a dtype other than f32 and f64", at);
      const float = dtype as "f32" | "f64";
      return (init.kind === "uniform" ? uniform({ ...draw, dtype: float, low: init.low, high: init.high }) : normal({ ...draw, dtype: float, mean: init.mean, std: init.std })).value;
    }
    case "seed": {
      // [a word of the seed that no other stream has, the count of draws so far]
      return keyOf(bits({ ...draw, shape: [] }), new Tensor(full(0, "u32"))).value;
    }
    case "data": throw new Error("internal: given data needs no initialiser");
  }
}

/** FNV-1a (32 bits) of a name. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
