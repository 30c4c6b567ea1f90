import { GraphError, type AnyNode } from "../graph/index.ts";
import { attributesOf, Scanner } from "../text/index.ts";
import { arrayType, dims, isDType, typeText, type Dim, type TensorType } from "../types/index.ts";

/** What is wrong with a type: an unknown dtype, or a dimension that is no canonical, non-negative size. */
export function typeFault({ dtype, shape }: TensorType): string | undefined {
  if (!isDType(dtype)) return `"${String(dtype)}" is no dtype`;
  const wrong = shape.find((d) => !isSize(d));
  return wrong === undefined ? undefined : `${typeText({ dtype, shape })} has the dimension "${wrong}", which is not a canonical size`;
}

const isSize = (d: Dim): boolean => (typeof d === "number" ? Number.isInteger(d) && d >= 0 : dims.dim(d) === d);

/**
 * What is wrong with a node's attributes: one too many or too few, or a value that does not survive its own
 * text (an axis that is no whole number, an unknown reducer, a dimension that is not canonical).
 */
export function attributeFault(node: AnyNode): string | undefined {
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  const table = attributesOf(node.op);
  const unknown = Object.keys(attrs).find((key) => !Object.hasOwn(table, key));
  if (unknown !== undefined) return `has the attribute "${unknown}", which ${node.op} does not have`;
  if (node.op === "constant" && typeof node.attrs.data !== "number")
    return node.attrs.data instanceof arrayType[node.attrs.dtype] ? undefined : `holds its elements in a ${node.attrs.data.constructor.name}`;
  const types = node.outputs.map((v) => v.type);
  for (const [key, attribute] of Object.entries(table)) {
    if (!Object.hasOwn(attrs, key)) return `lacks the attribute "${key}"`;
    const text = attribute.write(attrs[key], types[0]);
    if (text === undefined) continue;
    try {
      const s: Scanner = new Scanner(text, key);
      const value = attribute.read(s)({ types, groups: [] });
      if (!s.done || attribute.write(value, types[0]) !== text || typeof value !== typeof attrs[key]) return `has ${key} = ${text}`;
    } catch (e) {
      if (e instanceof GraphError) return `has ${key} = ${text}: ${e.what}`;
      throw e;
    }
  }
  return undefined;
}
