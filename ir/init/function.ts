import { emitOne } from "../graph/build.ts";
import { GraphError } from "../graph/error.ts";
import type { GraphFunction, Model, Value, Variable } from "../graph/node.ts";
import { keyOf, streams } from "../random/bits.ts";
import { qr } from "../linalg/qr.ts";
import { bits, normal, truncatedNormal, uniform } from "../random/index.ts";
import { convertTo, full } from "../tensor/broadcast.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isFloat, isHalf, typeText } from "../types/index.ts";

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

function firstValue(variable: Variable, seed: Value): Value {
  const { name, type, init } = variable;
  const { dtype, shape } = type;
  const draw = { key: new Tensor(seed), stream: hash(name) % streams, shape };
  const as = (x: Tensor): Value => convertTo(x.value, dtype);
  switch (init.kind) {
    case "constant": return full(init.value, dtype, shape);
    case "uniform": return as(uniform({ ...draw, dtype: floatOf(variable), low: init.low, high: init.high }));
    case "normal": return as(normal({ ...draw, dtype: floatOf(variable), mean: init.mean, std: init.std }));
    case "truncatedNormal": return as(truncatedNormal({ ...draw, dtype: floatOf(variable), mean: init.mean, std: init.std, low: init.low, high: init.high }));
    case "orthogonal": return as(orthogonal(normal({ ...draw, dtype: floatOf(variable) })).mul(init.gain));
    case "seed": {
      // [a word of the seed that no other stream has, the count of draws so far]
      return keyOf(bits({ ...draw, shape: [] }), new Tensor(full(0, "u32"))).value;
    }
    case "data": throw new Error("internal: given data needs no initialiser");
  }
}

/** The dtype that a variable's random numbers are drawn in: a half starts where its like in f32 does, rounded. */
function floatOf({ name, type, init, at }: Variable): "f32" | "f64" {
  if (isFloat(type.dtype)) return isHalf(type.dtype) ? "f32" : type.dtype;
  throw new GraphError(`"${name}" is ${typeText(type)} and cannot start from a ${init.kind} distribution`, "use init.constant or init.data for a dtype that is no float", at);
}

/** Orthonormal rows or columns, whichever are fewer: Q of the matrix, with the signs that make R's diagonal positive, so that Q is uniform (Mezzadri 2007). */
function orthogonal(x: Tensor): Tensor {
  const matrix = x.flatten(1), [rows, columns] = matrix.shape as number[];
  const { Q, R } = qr(rows < columns ? matrix.t() : matrix);
  const signed = Q.mul(R.diagonal().sign());
  return (rows < columns ? signed.t() : signed).reshape(x.shape);
}

/** FNV-1a (32 bits) of a name. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
