import { emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { convAttrs, convAxes, convLeading, poolAttrs, poolAxes, reversedWindows, windowCount, withCount, type WindowAxis } from "../../ir/ops/index.ts";
import { dims } from "../../ir/types/index.ts";
import { linear, noDerivative, type Maybe, type Rule, type Rules } from "./rule.ts";
import { add, full, mul, otherAxes, sub, transpose } from "./values.ts";

/** Windows that slide: convolution and pooling. */

const spatial = (x: Value): number[] => x.type.shape.map((_, i) => i).slice(convLeading);
/** Exchanges the two axes after the groups. */
const exchange = (x: Value): Value => transpose(x, [0, 2, 1, ...spatial(x)]);

/** The cotangent of `lhs`: that of the result, its elements a stride apart, under the kernel turned around. */
function toLhs({ inputs: [lhs, rhs], attrs }: Node<"conv">, ct: Value): Value {
  const kernel = exchange(spatial(rhs).length > 0 ? emitOne("reverse", [rhs], { axes: spatial(rhs) }) : rhs);
  return emitOne("conv", [ct, kernel], convAttrs(convAxes(lhs.type, rhs.type, attrs).map(reversedWindows)));
}

/** The cotangent of `rhs`: `lhs` under that of the result, summed over the batch: stride and dilation change places. */
function toRhs({ inputs: [lhs, rhs], attrs }: Node<"conv">, ct: Value): Value {
  const axes = convAxes(lhs.type, rhs.type, attrs).map((a): WindowAxis =>
    withCount({ ...a, window: windowCount(a), stride: a.windowDilation, windowDilation: a.stride }, a.window));
  return exchange(emitOne("conv", [exchange(lhs), exchange(ct)], convAttrs(axes)));
}

type PoolNode = Node<"reduceWindow"> | Node<"argReduceWindow">;

/** Where the extreme of each window is. */
const extremeOf = ({ inputs: [x], attrs }: Node<"reduceWindow">): Value =>
  emitOne("argReduceWindow", [x], { ...attrs, reducer: attrs.reducer === "min" ? "min" : "max" });

/** `x` at one element of each window: that of `positions`. */
function atPositions(x: Value, positions: Value, attrs: Omit<PoolNode["attrs"], "reducer">): Value {
  const axes = poolAxes("pooling", x.type, attrs), { shape } = positions.type;
  const i32 = (value: number): Value => full(value, { dtype: "i32", shape });
  const pooled = axes.flatMap((a, i) => (a.window === 1 && a.stride === 1 && a.low === 0 && a.high === 0 ? [] : [i]));
  let inner = 1;
  const indices = new Map<number, Value>();
  for (const i of [...pooled].reverse()) {
    const { window, stride, low, windowDilation } = axes[i];
    const within = emitOne("remainder", [emitOne("floorDivide", [positions, i32(inner)], {}), i32(window as number)], {});
    const start = mul(emitOne("iota", [], { dtype: "i32", shape, axis: i }), i32(stride));
    const padding = typeof low === "number" ? i32(low) : emitOne("broadcast", [emitOne("dimension", [], { size: dims.dim(low) })], { shape, axes: [] });
    indices.set(i, sub(add(start, mul(within, i32(windowDilation))), padding));
    inner *= window as number;
  }
  if (pooled.length === 0) return x;
  return emitOne("gather", [x, ...pooled.map((i) => indices.get(i)!)], { axes: pooled, batch: otherAxes(shape.length, pooled).map((i) => [i, i] as const) });
}

/** A sum over windows is linear: an element gets the cotangents of the windows it lies in. */
const windowSum: Rule<"reduceWindow"> = linear(({ inputs: [x], attrs }, ct) => [
  emitOne("reduceWindow", [ct], { reducer: "sum", ...poolAttrs(poolAxes("reduceWindow", x.type, attrs).map(reversedWindows)) }),
]);

/** The first extreme of a window gets its cotangent, as in PyTorch. */
const windowExtreme: Rule<"reduceWindow"> = {
  vjp(node, [ct]) {
    const { reducer: _, ...attrs } = node.attrs;
    return [emitOne("unpool", [ct!, extremeOf(node)], { ...attrs, shape: node.inputs[0].type.shape })];
  },
  jvp: (node, [tangent]) => [atPositions(tangent!, extremeOf(node), node.attrs)],
};

const byReducer: { readonly [R in Node<"reduceWindow">["attrs"]["reducer"]]: Rule<"reduceWindow"> } = { sum: windowSum, max: windowExtreme, min: windowExtreme };

export const window: Rules<"conv" | "reduceWindow" | "argReduceWindow" | "unpool"> = {
  conv: {
    vjp: (node, [ct], [left, right]) => [left ? toLhs(node, ct!) : undefined, right ? toRhs(node, ct!) : undefined],
    jvp({ inputs: [a, b], attrs }, [ta, tb]) {
      const left = ta && emitOne("conv", [ta, b], attrs), right = tb && emitOne("conv", [a, tb], attrs);
      return [left && right ? add(left, right) : left ?? right] satisfies Maybe[];
    },
  },

  reduceWindow: {
    vjp: (node, ...rest) => byReducer[node.attrs.reducer].vjp(node, ...rest),
    jvp: (node, ...rest) => byReducer[node.attrs.reducer].jvp(node, ...rest),
  },
  argReduceWindow: noDerivative,
  unpool: linear(({ inputs: [, positions], attrs }, ct) => [atPositions(ct, positions, attrs), undefined]),
};
