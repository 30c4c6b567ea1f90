import { emit, rebuild, withLocation, type AnyNode, type GraphFunction, type Value } from "../../ir/graph/index.ts";
import { convLeading } from "../../ir/ops/index.ts";
import { dims, type Dim } from "../../ir/types/index.ts";
import { sameWideAxes, wideAxisMap } from "../simplify/shapes.ts";
import { replaceNodes } from "./replace.ts";

type Conv = Extract<AnyNode, { op: "conv" }>;

/** How far an operand is padded, axis by axis. */
interface Padding {
  readonly low: readonly Dim[];
  readonly high: readonly Dim[];
  readonly interior: readonly number[];
}

/**
 * Convolutions of a padded or dilated operand become convolutions of one that has its padding in memory: copied once,
 * where a test would be made for every product. What the gradient pads the same way is copied only once.
 *
 * Needs a graph without derivatives, and leaves cropping (negative padding) to the convolution; and what `isLeft` says.
 */
export function padFirst(fn: GraphFunction, isLeft: (node: Conv) => boolean = () => false): GraphFunction {
  const copies = new Copies();
  return replaceNodes(fn, (node, inputs) => (node.op === "conv" && !isLeft(node) ? [copies.conv(node, inputs)] : undefined));
}

/** Whether a target that stages what windows slide over ({@link file://../loops/contract/staged.ts}) pads a convolution's operand there: in vectors, where it is known that there are windows. */
export const isPaddedInStage = ({ inputs: [, rhs], outputs: [y] }: Conv): boolean =>
  y.type.dtype !== "f64" && [...y.type.shape.slice(convLeading), ...rhs.type.shape.slice(convLeading)].every((d) => dims.atLeast(d, 1) === true);

class Copies {
  private readonly padded = new Map<Value, Map<string, Value>>();

  conv(node: Conv, [lhs, rhs]: readonly Value[]): Value {
    const { low, high, lhsDilation } = node.attrs;
    const isPadded = [...low, ...high].some((d) => d !== 0) || lhsDilation.some((d) => d !== 1);
    // a dilated axis of no elements has no gaps either, where `pad` would subtract one
    const isPossible = [...low, ...high].every((d) => dims.atLeast(d, 0) === true) && lhsDilation.every((d, i) => d === 1 || dims.atLeast(lhs.type.shape[convLeading + i], 1) === true);
    if (!isPadded || !isPossible) return rebuild(node, [lhs, rhs])[0];
    const leading = new Array<number>(convLeading).fill(0), none = low.map(() => 0);
    const x = this.pad(lhs, { low: [...leading, ...low], high: [...leading, ...high], interior: [...leading, ...lhsDilation.map((d) => d - 1)] }, node);
    return withLocation(node.at, () => emit("conv", [x, rhs], { ...node.attrs, low: none, high: none, lhsDilation: lhsDilation.map(() => 1) }))[0];
  }

  /** The padded operand. Movement comes after it: what is padded below may be what another wants as well. */
  private pad(x: Value, padding: Padding, node: Conv): Value {
    const source = x.node as AnyNode;
    if (source.op === "transpose") {
      const { perm } = source.attrs;
      const before = <T>(list: readonly T[]): T[] => perm.reduce<T[]>((out, p, k) => { out[p] = list[k]; return out; }, []);
      const inner = this.pad(source.inputs[0], { low: before(padding.low), high: before(padding.high), interior: before(padding.interior) }, node);
      return withLocation(node.at, () => emit("transpose", [inner], { perm }))[0];
    }
    if (source.op === "reshape" && sameWideAxes(x.type.shape, source.inputs[0].type.shape)) {
      const { shape } = source.inputs[0].type, to = wideAxisMap(x.type.shape, shape);
      const isWide = (axis: number): boolean => x.type.shape[axis] !== 1;
      if (padding.low.every((d, i) => isWide(i) || (d === 0 && padding.high[i] === 0))) {
        const moved = <T>(list: readonly T[], none: T): T[] => list.reduce<T[]>((out, d, i) => { if (isWide(i)) out[to(i)] = d; return out; }, shape.map(() => none));
        const inner = this.pad(source.inputs[0], { low: moved(padding.low, 0), high: moved(padding.high, 0), interior: moved(padding.interior, 0) }, node);
        const padded = inner.type.shape;
        return withLocation(node.at, () => emit("reshape", [inner], { shape: x.type.shape.map((d, i) => (isWide(i) ? padded[to(i)] : d)) }))[0];
      }
    }
    let known = this.padded.get(x);
    if (!known) this.padded.set(x, (known = new Map()));
    const key = JSON.stringify(padding);
    let value = known.get(key);
    if (!value) known.set(key, (value = withLocation(node.at, () => {
      const [zero] = emit("constant", [], { dtype: x.type.dtype, shape: [], data: 0 });
      return emit("pad", [x, zero], padding)[0];
    })));
    return value;
  }
}
