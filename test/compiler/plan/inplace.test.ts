import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayAlias } from "../../../compiler/plan/inplace.ts";
import type { Expr, Index, Kernel, LoopVar, Stmt } from "../../../compiler/loops/ir.ts";
import { elementwise, index, kernel, load, loop, store, total, turned, variable } from "./kernels.ts";

const readWrite = [["x", "read"], ["y", "write"]] as const;
const i = variable("i", "B"), j = variable("j", 64);
const row: readonly [string | number, LoopVar][] = [[64, i], [1, j]];

describe("a kernel may write over what it reads", () => {
  test("element by element", () => expect(mayAlias(elementwise("k", 1, "64*B"), 0, 1)).toBe(true));

  test("row by row, after the row has been folded: a softmax", () => {
    const body = loop(i, [
      { kind: "acc", name: "sum", dtype: "f64", init: 0 },
      loop(j, [{ kind: "fold", name: "sum", dtype: "f64", reducer: "sum", value: load(0, index(0, ...row)) }]),
      loop(j, [store(1, index(0, ...row), { kind: "scalar", dtype: "f64", op: "div", args: [load(0, index(0, ...row)), { kind: "ref", dtype: "f64", name: "sum" }] })]),
    ]);
    expect(mayAlias(kernel("softmax", readWrite, "64*B", [body]), 0, 1)).toBe(true);
  });

  test("in an unrolled tile with its edges", () => {
    const tile = (rows: number, columns: number): Stmt[] =>
      Array.from({ length: rows * columns }, (_, n) => index(64 * Math.floor(n / columns) + (n % columns), ...row)).map((at) => store(1, at, load(0, at)));
    const columns = (rows: number): Stmt[] => [loop(j, tile(rows, 4), { step: 4 }), loop(j, tile(rows, 1), { resume: true })];
    const body = [loop(i, columns(4), { step: 4 }), loop(i, columns(1), { resume: true })];
    expect(mayAlias(kernel("tile", readWrite, "64*B", body), 0, 1)).toBe(true);
  });

  test("in vectors", () => {
    const at = (c: number): Index => index(c, [1, i]);
    const body = [
      loop(i, [store(1, at(0), load(0, at(0))), store(1, at(4), load(0, at(4)))], { step: 8, lanes: 4 }),
      loop(i, [store(1, at(0), load(0, at(0)))], { resume: true }),
    ];
    expect(mayAlias(kernel("vectors", readWrite, "B", body), 0, 1)).toBe(true);
  });

  test("with rows as wide as a symbol", () => {
    const t = variable("t", "T"), at = index(0, ["T", i], [1, t]);
    expect(mayAlias(kernel("k", readWrite, "B*T", [loop(i, [loop(t, [store(1, at, load(0, at))])])]), 0, 1)).toBe(true);
  });

  test("after all has been folded", () => expect(mayAlias(total("sum", "B"), 0, 1)).toBe(true));
});

describe("a kernel may not write over what it reads", () => {
  test("turned around, or shifted", () => {
    expect(mayAlias(turned("k", 8), 0, 1)).toBe(false);
    const shifted = loop(i, [store(1, index(0, [1, i]), load(0, index(1, [1, i])))]);
    expect(mayAlias(kernel("k", readWrite, "B", [shifted]), 0, 1)).toBe(false);
  });

  test("transposed", () => {
    const k = variable("k", 64);
    const body = loop(k, [loop(j, [store(1, index(0, [64, k], [1, j]), load(0, index(0, [64, j], [1, k])))])]);
    expect(mayAlias(kernel("k", readWrite, 4096, [body]), 0, 1)).toBe(false);
  });

  test("stored once for each element that is still to be folded: a product of matrices", () => {
    const k = variable("k", 64), n = variable("n", 64);
    const body = loop(k, [loop(j, [
      { kind: "acc", name: "sum", dtype: "f64", init: 0 },
      loop(n, [{ kind: "fold", name: "sum", dtype: "f64", reducer: "sum", value: load(0, index(0, [64, k], [1, n])) }]),
      store(1, index(0, [64, k], [1, j]), { kind: "ref", dtype: "f64", name: "sum" }),
    ])]);
    expect(mayAlias(kernel("dot", readWrite, 4096, [body]), 0, 1)).toBe(false);
  });

  test("read again by a later loop", () => {
    const at = index(0, [1, i]);
    const twice = [loop(i, [store(1, at, load(0, at))]), loop(i, [store(2, at, load(0, at))])];
    expect(mayAlias(kernel("k", [...readWrite, ["z", "write"]], "B", twice), 0, 1)).toBe(false);
    expect(mayAlias(kernel("k", [...readWrite, ["z", "write"]], "B", twice), 0, 2)).toBe(true);
  });

  test("at an index that data decides", () => {
    const at: Index = { offset: 0, key: "data", terms: [{ stride: 1, atom: { kind: "data", value: load(2, index(0, [1, i])), size: "B", note: "gather" } }] };
    expect(mayAlias(kernel("k", [...readWrite, ["i", "read"]], "B", [loop(i, [store(1, index(0, [1, i]), load(0, at))])]), 0, 1)).toBe(false);
    // the indices themselves are read in order
    expect(mayAlias(kernel("k", [...readWrite, ["i", "read"]], "B", [loop(i, [store(1, index(0, [1, i]), load(0, at))])]), 2, 1)).toBe(true);
  });
});

/** Elements in the order they are loaded and stored, a vector at once. */
function run(k: Kernel, visit: (kind: "load" | "store", element: number) => void): void {
  const values = new Map<string, number>(), lanes = new Map<string, number>();
  const touch = (kind: "load" | "store", x: Index): void => {
    let elements = [x.offset as number];
    for (const { atom, stride } of x.terms) {
      if (atom.kind !== "var") throw new Error("affine only");
      const width = Array.from({ length: lanes.get(atom.var.name) ?? 1 }, (_, lane) => ((values.get(atom.var.name) ?? 0) + lane) * (stride as number));
      elements = elements.flatMap((e) => width.map((w) => e + w));
    }
    for (const e of elements) visit(kind, e);
  };
  const expression = (e: Expr): void => {
    if (e.kind === "load" && e.arg === 0) touch("load", e.index);
    if (e.kind === "scalar") e.args.forEach(expression);
  };
  const statements = (list: readonly Stmt[]): void => {
    const left = new Map<string, number>();
    for (const s of list) {
      if (s.kind === "let") expression(s.value);
      if (s.kind === "store") { expression(s.value); if (s.arg === 1) touch("store", s.index); }
      if (s.kind !== "loop") continue;
      lanes.set(s.var.name, s.lanes);
      let v = s.resume ? (left.get(s.var.name) ?? 0) : 0;
      for (; v + s.step <= (s.var.extent as number); v += s.step) { values.set(s.var.name, v); statements(s.body); }
      left.set(s.var.name, v);
    }
  };
  statements(k.body);
}

test("what is proved about random loops is so", () => {
  const vars = [variable("a", 3), variable("b", 4), variable("c", 5)];
  const strides = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom([20, 5, 1], [1, 3, 12], [4, 1, 16], [20, -5, 1]) },
    { weight: 1, arbitrary: fc.constantFrom([20, 5, 0], [5, 5, 1], [0, 5, 1], [1, 1, 1], [10, 5, 1]) },
  );
  const lane = fc.constantFrom(0, 0, 0, 1, 5, 20, 21, -1);
  // loads and stores share strides, and differ by lanes of an unrolled loop or by something else
  const pools = fc.tuple(strides, fc.array(lane, { minLength: 1, maxLength: 3 })).map(([by, offsets]) =>
    (depth: number): Index[] => offsets.map((o) => index(40 + o, ...vars.slice(0, depth).map((v, n) => [by[n], v] as const))));
  type Pool = (depth: number) => readonly Index[];
  const statements = (pool: Pool, depth: number, most: number): fc.Arbitrary<Stmt[]> => {
    const one = fc.record({ s: fc.nat(2), l: fc.nat(2), isLet: fc.nat(3) }).map(({ s, l, isLet }): Stmt => {
      const list = pool(depth), from = load(0, list[l % list.length]);
      return isLet === 0 ? { kind: "let", name: "t", value: from } : store(1, list[s % list.length], from);
    });
    return fc.array(one, { maxLength: most });
  };
  const nest = (pool: Pool, depth: number): fc.Arbitrary<Stmt[]> => {
    if (depth === vars.length) return statements(pool, depth, 2);
    const shape = depth < vars.length - 1 ? fc.constantFrom({}, {}, { step: 2 }) : fc.constantFrom({}, { step: 2 }, { step: 2, lanes: 2 }, { step: 4, lanes: 2 });
    return fc.record({ before: fc.nat(6), first: statements(pool, depth, 1), inner: nest(pool, depth + 1), rest: fc.option(nest(pool, depth + 1), { freq: 1 }), shape })
      .map(({ before, first, inner, rest, shape: s }) => [...(before === 0 ? first : []), loop(vars[depth], inner, s), ...(rest ? [loop(vars[depth], rest, { resume: true })] : [])]);
  };
  let proved = 0, refused = 0;
  fc.assert(fc.property(pools.chain((pool) => nest(pool, 0)), (body) => {
    const k = kernel("k", readWrite, 1000, body), answer = mayAlias(k, 0, 1);
    const stored = new Set<number>();
    let isWrong = false, loads = 0;
    run(k, (kind, element) => {
      if (kind === "store") stored.add(element);
      else { loads++; isWrong ||= stored.has(element); }
    });
    if (answer) expect(isWrong, "an element is read after it was overwritten").toBe(false);
    if (loads > 0 && stored.size > 0) { if (answer) proved++; else if (isWrong) refused++; }
  }), { numRuns: 3000 });
  expect(proved).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
