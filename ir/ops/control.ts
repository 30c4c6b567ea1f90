import { check } from "../graph/error.ts";
import type { Region } from "../graph/node.ts";
import { isFloat, sameType, shapeText, typeText, type Dim, type TensorType } from "../types/index.ts";
import { op } from "./record.ts";

const types = (values: readonly { type: TensorType }[]): TensorType[] => values.map((v) => v.type);
const list = (ts: readonly TensorType[]): string => `(${ts.map(typeText).join(", ")})`;
const sameTypes = (a: readonly TensorType[], b: readonly TensorType[]): boolean => a.length === b.length && a.every((t, i) => sameType(t, b[i]));

function checkParams(name: string, region: Region, want: readonly TensorType[]): void {
  check(sameTypes(types(region.params), want), () => `internal: ${name} passes ${list(want)} to a region that takes ${list(types(region.params))}`);
}

const isPredicate = (t: TensorType): boolean => t.dtype === "bool" && t.shape.length === 0;

/** Runs the first region where `pred` holds, else the second: operands `(pred, ...operands)`, passed to both. */
export const cond = op<{}>({
  kind: "control",
  infer([pred, ...operands], _, [then, otherwise]) {
    check(isPredicate(pred), () => `cond: the condition is ${typeText(pred)}; it must be a bool scalar`);
    for (const region of [then, otherwise]) checkParams("cond", region, operands);
    check(sameTypes(types(then.results), types(otherwise.results)), () =>
      `cond: the branches return different types: ${list(types(then.results))} and ${list(types(otherwise.results))}`);
    return types(then.results);
  },
});

/**
 * Repeats the second region while the first returns true: operands `(...carries, ...captures)`. The body returns
 * the new carries. `maxTrips` bounds what a derivative records; running past it is an error where a derivative
 * is taken, and only there.
 */
export const while_ = op<{ carries: number; maxTrips: Dim | null }>({
  kind: "control",
  infer(inputs, { carries }, [test, body]) {
    checkParams("while", test, inputs);
    checkParams("while", body, inputs);
    check(test.results.length === 1 && isPredicate(test.results[0].type), () => `while: the condition is ${list(types(test.results))}; it must be a bool scalar`);
    const carried = inputs.slice(0, carries);
    check(sameTypes(types(body.results), carried), () =>
      `while: the body turns ${list(carried)} into ${list(types(body.results))}`, "a carried value keeps its dtype and shape");
    return carried;
  },
});

/**
 * Runs the region once for each step of a leading axis: operands `(...carries, ...xs, ...captures)`, each of `xs`
 * of shape `[length, …]`. The region takes the step (i32), the carries, one row of each of `xs`, and the captures;
 * it returns the new carries and one row of each stacked result. `reverse` runs from the last step to the first
 * (rows keep their places). Results: final carries, then stacked results of shape `[length, …]`.
 */
export const scan = op<{ carries: number; xs: number; length: Dim; reverse: boolean }>({
  kind: "control",
  infer(inputs, { carries, xs, length }, [body]) {
    const carried = inputs.slice(0, carries), rows = inputs.slice(carries, carries + xs), captures = inputs.slice(carries + xs);
    for (const x of rows) check(x.shape[0] === length, () => `scan over ${length} steps: a scanned tensor is ${typeText(x)}; its first dimension must be ${length}`);
    checkParams("scan", body, [{ dtype: "i32", shape: [] }, ...carried, ...rows.map((x) => ({ dtype: x.dtype, shape: x.shape.slice(1) })), ...captures]);
    const results = types(body.results);
    check(sameTypes(results.slice(0, carries), carried), () =>
      `scan: the body turns ${list(carried)} into ${list(results.slice(0, carries))}`, "a carried value keeps its dtype and shape");
    return [...carried, ...results.slice(carries).map((t) => ({ dtype: t.dtype, shape: [length, ...t.shape] }))];
  },
});

/**
 * A user's function with a derivative of its own. The first region is the function; the second takes its
 * parameters, its results and one cotangent for each result, and returns one cotangent for each parameter.
 */
export const custom = op<{ name: string }>({
  kind: "control",
  infer(inputs, { name }, [forward, backward]) {
    checkParams(name, forward, inputs);
    const results = types(forward.results);
    checkParams(`${name}'s derivative`, backward, [...inputs, ...results, ...results]);
    check(sameTypes(types(backward.results), inputs), () =>
      `the derivative of ${name} returns ${list(types(backward.results))}, but ${name} takes ${list(inputs)}`, "return one cotangent for each operand, of its type");
    return results;
  },
});

/**
 * The region's results, computed again wherever a derivative needs what it computes: operands are the region's
 * arguments. Differentiated in reverse, it keeps its operands and nothing else.
 */
export const checkpoint = op<{}>({
  kind: "control",
  infer(inputs, _, [body]) {
    checkParams("checkpoint", body, inputs);
    return types(body.results);
  },
});

/** The operand; its derivative is zero. */
export const stopGradient = op<{}>({ kind: "derivative", infer: ([x]) => [x], evaluate: ([x]) => [x] });

/** Derivative of a scalar with respect to values it depends on: operands `(y, ...wrt)`; one gradient for each. */
export const grad = op<{}>({
  kind: "derivative",
  infer([y, ...wrt]) {
    check(y.shape.length === 0, () => `grad needs a scalar, and this is ${typeText(y)}`, `reduce it with .sum() or .mean(), or use vjp with a cotangent of shape ${shapeText(y.shape)}`);
    check(isFloat(y.dtype), () => `grad of ${typeText(y)}: only floats have derivatives`);
    checkDifferentiable("grad", wrt);
    return wrt;
  },
});

/** Cotangents of `wrt` for given cotangents of `outputs` results: operands `(...ys, ...cotangents, ...wrt)`. */
export const vjp = op<{ outputs: number }>({
  kind: "derivative",
  infer(inputs, { outputs }) {
    const ys = inputs.slice(0, outputs), cotangents = inputs.slice(outputs, 2 * outputs), wrt = inputs.slice(2 * outputs);
    for (const [i, y] of ys.entries()) check(sameType(y, cotangents[i]), () => `vjp: the cotangent of ${typeText(y)} is ${typeText(cotangents[i])}; it must have the same type`);
    checkDifferentiable("vjp", wrt);
    return wrt;
  },
});

/** Tangents of `outputs` results for given tangents of what they depend on: operands `(...ys, ...wrt, ...tangents)`. */
export const jvp = op<{ outputs: number }>({
  kind: "derivative",
  infer(inputs, { outputs }) {
    const rest = inputs.slice(outputs), wrt = rest.slice(0, rest.length / 2), tangents = rest.slice(rest.length / 2);
    for (const [i, x] of wrt.entries()) check(sameType(x, tangents[i]), () => `jvp: the tangent of ${typeText(x)} is ${typeText(tangents[i])}; it must have the same type`);
    checkDifferentiable("jvp", wrt);
    return inputs.slice(0, outputs);
  },
});

function checkDifferentiable(name: string, wrt: readonly TensorType[]): void {
  for (const w of wrt) check(isFloat(w.dtype), () => `${name} with respect to ${typeText(w)}: only floats have derivatives`);
}
