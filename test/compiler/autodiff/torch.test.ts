import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../ir/graph/index.ts";
import type { NdArray } from "../../../ir/interpret/index.ts";
import { isScalarName, type Addressing } from "../../../ir/ops/index.ts";
import { broadcastShape, broadcastTo } from "../../../ir/tensor/broadcast.ts";
import { isFloat } from "../../../ir/types/index.ts";
import { readFormatted, readTensor, type Json, type TensorCase } from "../../conformance/format.ts";
import { evaluate, op, vjp } from "./support.ts";

/**
 * The conventions of derivatives (ties, zeros, NaN, infinities) against numbers that PyTorch computed, for the
 * ops of PyTorch that are one primitive here. What is composed is held to them by the conformance suite.
 */
const folder = new URL("../../../../shared/conformance/torch/", import.meta.url);

type Build = (xs: readonly Value[], call: TensorCase) => Value;

const sameShapes = (xs: readonly Value[]): Value[] => {
  const shape = xs.map((x) => x.type.shape).reduce((a, b) => broadcastShape(a, b));
  return xs.map((x) => broadcastTo(x, shape));
};
const argument = (c: TensorCase, position: number, name: string): Json => c.kwargs[name] ?? c.args[position] ?? null;
const axisAt = (d: Json, rank: number): number => (Number(d) + rank) % Math.max(rank, 1);

function axesOf(x: Value, c: TensorCase): number[] {
  const rank = x.type.shape.length, dim = argument(c, 1, "dim");
  if (dim === null) return x.type.shape.map((_, i) => i);
  return (Array.isArray(dim) ? dim : [dim]).filter(() => rank > 0).map((d) => axisAt(d, rank));
}
/** Reductions without their `keepdim`: results are compared flat. */
const reduction = (reducer: "sum" | "prod" | "max" | "min"): Build => ([x], c) => op("reduce", [x], { reducer, axes: axesOf(x, c) });
const running = (reducer: "sum" | "prod" | "max" | "min"): Build => ([x], c) => op("cumulative", [x], { reducer, axis: axisAt(argument(c, 1, "dim"), x.type.shape.length), reverse: false });

const along = (x: Value, c: TensorCase): Addressing => {
  const axis = axisAt(argument(c, 1, "dim"), x.type.shape.length);
  return { axes: [axis], batch: x.type.shape.map((_, i) => i).filter((i) => i !== axis).map((i) => [i, i] as const) };
};
/** Only where the index covers every axis but its own: smaller ones are composed with slices. */
const scattered = (reducer: "set" | "sum" | "prod" | "max" | "min"): Build => ([x, src, index], c) => op("scatter", [x, src, index], { ...along(x, c), reducer });
const byName = { sum: "sum", prod: "prod", amax: "max", amin: "min" } as const;

const special: Readonly<Record<string, Build>> = {
  "torch.prod": reduction("prod"), "torch.sum": reduction("sum"), "torch.amax": reduction("max"), "torch.amin": reduction("min"),
  "torch.max": reduction("max"), "torch.min": reduction("min"),
  "torch.cumsum": running("sum"), "torch.cumprod": running("prod"), "torch.cummax": running("max"), "torch.cummin": running("min"),
  "torch.nn.functional.softplus": ([x]) => op("softplus", [x]),
  "torch.where": ([p, x, y]) => op("select", sameShapes([p, x, y])),
  "torch.gather": ([x, index], c) => op("gather", [x, index], along(x, c)),
  "torch.scatter": ([x, src, index], c) => scattered("set")([x, src, index], c), "torch.scatter_add": scattered("sum"),
  "torch.scatter_reduce": (xs, c) => scattered(byName[c.kwargs.reduce as keyof typeof byName])(xs, c),
  "torch.sort": ([x], c) => op("sort", [x], { axis: axisAt(argument(c, 1, "dim") ?? -1, x.type.shape.length), descending: c.kwargs.descending === true }),
};

/** Scalar ops go by their names, snake case made camel case. */
function scalarOf(torchName: string): Build | undefined {
  const name = torchName.slice(torchName.lastIndexOf(".") + 1).replace(/_(\w)/g, (_, c: string) => c.toUpperCase());
  return isScalarName(name) ? (xs) => op(name, sameShapes(xs)) : undefined;
}

/** What the primitive does not cover: other argument forms, promotion, means of several meanings. */
function isCovered(c: TensorCase): boolean {
  const names = c.args.filter((a) => typeof a === "object" && a !== null && "ref" in a);
  const tensors = Object.values(c.inputs);
  if (Object.keys(c.grads).length === 0 || c.kwargs.rounding_mode || c.kwargs.alpha || c.kwargs.beta || c.kwargs.dtype) return false;
  if (c.op.includes("scatter") || c.op === "torch.gather") {
    if (c.op.includes("scatter") && !c.inputs.src) return false;
    const x = c.inputs.x, index = c.inputs.index;
    const dim = axisAt(argument(c, 1, "dim"), x.shape.length);
    if (names.length !== tensors.length || c.kwargs.include_self === false || c.kwargs.reduce === "mean" || x.shape.length === 0) return false;
    if (c.inputs.src && String(c.inputs.src.shape) !== String(index.shape)) return false;
    return x.shape.every((d, i) => i === dim || d === index.shape[i]);
  }
  if (c.op === "torch.max" || c.op === "torch.min") return c.args.length === 1 && c.kwargs.dim === undefined;
  if (special[c.op] && !c.op.endsWith("softplus") && c.op !== "torch.where") return tensors[0].shape.length > 0 || c.op === "torch.prod";
  return names.length === c.args.length && tensors.filter((t) => t.dtype !== "bool").every((t) => t.dtype === tensors.at(-1)!.dtype);
}

const expectedCases: Readonly<Record<string, number>> = { unary: 220, binary: 100, reductions: 90, indexing: 15 };

describe.each(Object.entries(expectedCases))("%s", (family, atLeast) => {
  test("derivatives as PyTorch has them", () => {
    const path = new URL(`${family}.json`, folder);
    if (!existsSync(path)) throw new Error(`the conformance data is not there: ${path.pathname}. Without it, PyTorch's conventions are not tested.`);
    const { cases } = readFormatted<{ format: string; cases: readonly TensorCase[] }>(path.pathname, "tensor-conformance-v1");
    const wrong: string[] = [];
    let run = 0;
    for (const c of cases) {
      const build = special[c.op] ?? scalarOf(c.op);
      if (!build || !isCovered(c)) continue;
      run++;
      const difference = compare(c, build);
      if (difference) wrong.push(`${c.id}: ${difference}`);
    }
    expect(wrong).toEqual([]);
    expect(run, "cases that are one primitive").toBeGreaterThan(atLeast);
  });
});

function compare(c: TensorCase, build: Build): string | undefined {
  const order = [...c.args, ...Object.values(c.kwargs)].flatMap((a) => (typeof a === "object" && a !== null && "ref" in a ? [String(a.ref)] : []));
  // scatter takes (x, index, src); the primitive (x, src, index)
  const names = c.op.includes("scatter") ? [...order].sort((a, b) => Number(a === "index") - Number(b === "index")) : order;
  const args = names.map((n) => readTensor(c.inputs[n]));
  const ct = readTensor(c.cotangents[0]!);
  const wrt = names.filter((n) => c.grads[n]);
  const gradients = evaluate([...args, ct], (...values) => {
    const xs = values.slice(0, -1), y = build(xs, c), given = values.at(-1)!;
    return vjp([y], [op("reshape", [given], { shape: y.type.shape })], wrt.map((n) => xs[names.indexOf(n)]));
  });
  for (const [i, n] of wrt.entries()) {
    const want = readTensor(c.grads[n]);
    const at = differs(gradients[i], want, c.tol);
    if (at !== undefined) return `gradient of ${n}, element ${at}: ${gradients[i].data[at]}, PyTorch has ${want.data[at]}`;
  }
  return undefined;
}

function differs(got: NdArray, want: NdArray, { rtol, atol }: { rtol: number; atol: number }): number | undefined {
  expect([got.dtype, got.shape]).toEqual([want.dtype, want.shape]);
  expect(isFloat(got.dtype)).toBe(true);
  for (const [i, w] of want.data.entries()) {
    const g = got.data[i];
    if (!(g === w || (Number.isNaN(g) && Number.isNaN(w)) || Math.abs(g - w) <= atol + rtol * Math.abs(w))) return i;
  }
  return undefined;
}
