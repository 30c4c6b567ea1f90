import { describe, expect, test } from "vitest";
import { lifetimes } from "../../../compiler/plan/lifetimes.ts";
import { planMemory, planStats, printPlan } from "../../../compiler/plan/index.ts";
import type { PlannedProgram, Program, Step } from "../../../compiler/plan/program.ts";
import { assignSlots } from "../../../compiler/plan/slots.ts";
import { lower } from "../../../compiler/fuse/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import { parseFunction } from "../../../ir/text/index.ts";
import { golden } from "../../golden.ts";
import { checkPlan } from "./check.ts";
import { Draft, elementwise, total, turned } from "./kernels.ts";

const slotsOf = (p: PlannedProgram): Record<string, number> =>
  Object.fromEntries(p.buffers.flatMap((b) => (b.storage.kind === "arena" ? [[b.name, b.storage.slot!]] : [])));
const copiesIn = (steps: readonly Step[]): number =>
  steps.reduce((n, s) => n + (s.kind === "copy" ? 1 : s.kind === "while" ? copiesIn(s.test) + copiesIn(s.body) : s.kind === "for" ? copiesIn(s.body) : s.kind === "cond" ? copiesIn(s.then) + copiesIn(s.otherwise) : 0), 0);

describe("lifetimes", () => {
  const life = (p: Program, name: string) => lifetimes(p).of.get(p.buffers.find((b) => b.name === name)!.id);

  test("from the first use to the last; an output to the end", () => {
    const d = new Draft(), x = d.buffer("x", "input", ["B"]), [a, b, c] = ["a", "b", "c"].map((n) => d.buffer(n, "arena", ["B"]));
    const k = elementwise("k", 1, "B");
    const p = d.program([d.call(k, x, a), d.call(k, a, b), d.call(k, b, c), d.call(k, a, c)], [b]);
    expect([life(p, "a"), life(p, "b"), life(p, "c")]).toEqual([{ first: 0, last: 3 }, { first: 1, last: 4 }, { first: 2, last: 3 }]);
  });

  test("through a loop: what comes from outside, what is carried, and what one trip leaves to the next", () => {
    const d = new Draft(), x = d.buffer("x", "input", ["B"]), names = ["outer", "carry", "inner", "left"] as const;
    const [outer, carry, inner, left] = names.map((n) => d.buffer(n, "arena", ["B"]));
    const k = elementwise("k", 1, "B"), k2 = elementwise("k2", 2, "B");
    const body = [d.call(k2, outer, carry, inner), d.call(k2, inner, left, carry), d.call(k, outer, left)];
    const p = d.program([d.call(k, x, outer), d.call(k, x, carry), { kind: "for", counter: "i", length: "T", reverse: false, body }], [carry]);
    // ticks: 0 and 1 before, 2 begins the loop, 3 to 5 in it, 6 ends it
    expect(names.map((n) => life(p, n))).toEqual([{ first: 0, last: 6 }, { first: 1, last: 7 }, { first: 3, last: 4 }, { first: 2, last: 6 }]);
  });

  test("what only one branch writes may be what was there before", () => {
    const d = new Draft(), x = d.buffer("x", "input", ["B"]), pred = d.buffer("p", "input", [], "bool");
    const [both, one] = ["both", "one"].map((n) => d.buffer(n, "arena", ["B"]));
    const k = elementwise("k", 1, "B"), k2 = elementwise("k2", 2, "B"), y = d.buffer("y", "arena", ["B"]);
    const body: Step[] = [{ kind: "cond", pred, then: [d.call(k, x, both), d.call(k, x, one)], otherwise: [d.call(k, x, both)] }, d.call(k2, both, one, y)];
    const p = d.program([{ kind: "for", counter: "i", length: 3, reverse: false, body }], [y]);
    expect(life(p, "both")).toEqual({ first: 2, last: 5 });
    expect(life(p, "one")).toEqual({ first: 0, last: 6 });
  });
});

describe("slots", () => {
  const chain = (n: number): PlannedProgram => {
    const d = new Draft(), size = "64*B", k = elementwise("step", 1, size), fold = total("fold", size);
    let x = d.buffer("x", "input", ["B", 64]);
    const steps: Step[] = [];
    for (let i = 0; i < n; i++) {
      const sum = d.buffer(`sum${i}`, "arena", []), y = d.buffer(`y${i}`, "arena", ["B", 64]);
      steps.push(d.call(fold, x, sum), d.call(k, x, y));
      x = y;
    }
    return planMemory(d.program(steps, [x]));
  };

  test("a chain of any length takes the same few", () => {
    const plans = [5, 20, 40].map(chain);
    plans.forEach(checkPlan);
    expect(plans.map((p) => p.slots.map((s) => s.bytes))).toEqual(Array(3).fill([["512*B"], [8]]));
    expect(plans.map((p) => planStats(p, { B: 10 }).arenaBytes)).toEqual(Array(3).fill(5128));
  });

  test("two where the kernel reads what it would overwrite", () => {
    const d = new Draft(), x = d.buffer("x", "input", [8]), k = elementwise("k", 1, 8), turn = turned("turn", 8);
    const [a, b, c] = ["a", "b", "c"].map((n) => d.buffer(n, "arena", [8]));
    const p = assignSlots(d.program([d.call(k, x, a), d.call(turn, a, b), d.call(k, b, c)], [c]));
    checkPlan(p);
    expect(slotsOf(p)).toEqual({ a: 0, b: 1, c: 1 });
  });

  test("not in place of something the next trip still reads, though the last step of a trip is the last to read it", () => {
    const d = new Draft(), x = d.buffer("x", "input", [8]), k = elementwise("k", 1, 8);
    const [kept, y] = ["kept", "y"].map((n) => d.buffer(n, "arena", [8]));
    const p = assignSlots(d.program([d.call(k, x, kept), { kind: "for", counter: "i", length: 3, reverse: false, body: [d.call(k, kept, y)] }]));
    checkPlan(p);
    expect(slotsOf(p)).toEqual({ kept: 0, y: 1 });
  });

  test("as large as the largest tenant, whatever the symbols are", () => {
    const d = new Draft(), x = d.buffer("x", "input", ["B"]);
    const [a, b, c, e] = ([["B", 64], [8192], ["B", 32], [1]] as const).map((shape, n) => d.buffer("abce"[n], "arena", shape));
    const f = (size: string | number) => elementwise(`k${size}`, 1, size);
    const p = assignSlots(d.program([d.call(f("64*B"), x, a), d.call(f(8192), x, b), d.call(f("32*B"), x, c), d.call(f(1), x, e)]));
    expect(p.slots).toEqual([{ bytes: [65536, "512*B"] }]);
    expect(planStats(p, { B: 1000 }).arenaBytes).toBe(512000);
  });
});

describe("updates in place", () => {
  test("a variable's new value is computed in the variable, where elements are read before they are written", () => {
    const d = new Draft(), g = d.buffer("g", "input", [8]), w = d.buffer("w", "variable", [8]), next = d.buffer("next", "arena", [8]);
    const p = planMemory(d.program([d.call(elementwise("k", 2, 8), w, g, next), { kind: "copy", from: next, to: w }], [next]));
    checkPlan(p);
    expect(p.slots).toEqual([]);
    expect(p.steps).toEqual([{ kind: "kernel", kernel: 0, args: [1, 0] }]);
    expect(p.kernels[0].args.map((a) => a.access)).toEqual(["readwrite", "read"]);
    expect(p.outputs).toEqual([{ name: "next", buffer: 1 }]);
  });

  test("not where the kernel or a later step still needs the old value", () => {
    for (const kind of ["turned", "read later"]) {
      const d = new Draft(), w = d.buffer("w", "variable", [8]), next = d.buffer("next", "arena", [8]), y = d.buffer("y", "arena", [8]);
      const k = kind === "turned" ? turned("k", 8) : elementwise("k", 1, 8);
      const p = planMemory(d.program([d.call(k, w, next), d.call(elementwise("later", 1, 8), kind === "turned" ? next : w, y), { kind: "copy", from: next, to: w }], [y]));
      checkPlan(p);
      expect(copiesIn(p.steps), kind).toBe(1);
    }
  });

  test("two variables that change places keep both values", () => {
    const d = new Draft(), v = d.buffer("v", "variable", [8]), w = d.buffer("w", "variable", [8]), a = d.buffer("a", "arena", [8]);
    const steps: Step[] = [{ kind: "copy", from: v, to: a }, { kind: "copy", from: w, to: v }, { kind: "copy", from: a, to: w }];
    expect(planMemory(d.program(steps)).steps).toEqual(steps);
  });

  test("a new value that goes to two variables is computed in one and copied to the other", () => {
    const d = new Draft(), x = d.buffer("x", "input", [8]), v = d.buffer("v", "variable", [8]), w = d.buffer("w", "variable", [8]), a = d.buffer("a", "arena", [8]);
    const p = planMemory(d.program([d.call(elementwise("k", 1, 8), x, a), { kind: "copy", from: a, to: v }, { kind: "copy", from: a, to: w }]));
    expect(p.steps).toEqual([{ kind: "kernel", kernel: 0, args: [0, 1] }, { kind: "copy", from: 1, to: 2 }]);
  });

  test("a carry that is a variable: the loop runs in the variable's own memory", () => {
    const d = new Draft(), w = d.buffer("w", "variable", [8]), carry = d.buffer("carry", "arena", [8]), next = d.buffer("next", "arena", [8]);
    const body: Step[] = [d.call(elementwise("k", 1, 8), carry, next), { kind: "copy", from: next, to: carry }];
    const steps: Step[] = [{ kind: "copy", from: w, to: carry }, { kind: "for", counter: "i", length: 5, reverse: false, body }, { kind: "copy", from: carry, to: w }];
    const p = planMemory(d.program(steps));
    expect(p.slots).toEqual([]);
    expect(p.steps).toEqual([{ kind: "for", counter: "i", length: 5, reverse: false, body: [{ kind: "kernel", kernel: 0, args: [0] }] }]);
  });

  test("a kernel that is called elsewhere with arguments that differ stays as it is there", () => {
    const d = new Draft(), x = d.buffer("x", "input", [8]), w = d.buffer("w", "variable", [8]), a = d.buffer("a", "arena", [8]), y = d.buffer("y", "arena", [8]);
    const k = elementwise("k", 1, 8);
    const p = planMemory(d.program([d.call(k, w, a), { kind: "copy", from: a, to: w }, d.call(k, x, y)], [y]));
    checkPlan(p);
    expect(copiesIn(p.steps)).toBe(0);
    expect(p.kernels.map((kernel) => [kernel.name, kernel.args.length])).toEqual([["k", 2], ["k_inplace1", 1]]);
  });
});

test("constants of one content are one buffer", () => {
  const d = new Draft(), k = elementwise("k", 3, 3), y = d.buffer("y", "arena", [3]);
  const [a, b, c] = [[1, 2, 3], [1, 2, 3], [1, 2, -3]].map((data, i) => d.constant(`c${i}`, Float64Array.from(data), [3]));
  const p = planMemory(d.program([d.call(k, a, b, c, y)], [y]));
  expect(p.buffers.map((buffer) => buffer.name)).toEqual(["y", "c0", "c2"]);
  expect(p.steps).toEqual([{ kind: "kernel", kernel: 0, args: [1, 1, 2, 0] }]);
  expect(p.outputs[0].buffer).toBe(0);
});

describe("statistics", () => {
  const planOf = (text: string): PlannedProgram => planMemory(lower(simplify(parseFunction(text))));

  test("a product: two operations for each term, each element moved once", () => {
    const p = planOf("fn @f(%x: f32[B,64], %w: f32[64,32]) {\n  %0 = dot %x, %w { contract = [1]x[0] } : f32[B,32]\n  return y = %0\n}");
    for (const B of [1, 7, 64])
      expect(planStats(p, { B })).toEqual({ kernels: 1, flops: 2 * B * 64 * 32, bytesMoved: 4 * (B * 64 + 64 * 32 + B * 32), arenaBytes: 4 * B * 32 });
  });

  test("a loop counts as often as it runs, a while once, of a branch the dearer", () => {
    const d = new Draft(), x = d.buffer("x", "input", [10]), pred = d.buffer("p", "input", [], "bool"), y = d.buffer("y", "arena", [10]);
    const once = elementwise("once", 1, 10), twice = elementwise("twice", 2, 10);
    const cost = (steps: Step[]) => planStats(assignSlots(d.program(steps, [y])), { B: 5 });
    const each = { flops: 10, bytesMoved: 160 };
    expect(cost([d.call(once, x, y)])).toMatchObject({ kernels: 1, ...each });
    expect(cost([{ kind: "for", counter: "i", length: "B", reverse: false, body: [d.call(once, x, y)] }])).toMatchObject({ kernels: 1, flops: 50, bytesMoved: 800 });
    expect(cost([{ kind: "while", test: [], pred, body: [d.call(once, x, y)] }])).toMatchObject({ kernels: 1, ...each });
    expect(cost([{ kind: "cond", pred, then: [d.call(once, x, y)], otherwise: [d.call(twice, x, x, y)] }])).toMatchObject({ kernels: 2, flops: 20 });
    expect(cost([{ kind: "copy", from: x, to: y }])).toMatchObject({ kernels: 0, flops: 0, bytesMoved: 160 });
  });
});

test("the printed plan", () => {
  const text = `variable @w : f32[4,4]
fn @steps(%x: f32[B,4]) {
  %0, %1 = scan [@w], [%x], [] { length = B } : f32[4,4], f32[B,4]
    body(%2: i32[], %3: f32[4,4], %4: f32[4]) {
      %5 = dot %3, %4 { contract = [1]x[0] } : f32[4]
      %6 = dot %5, %4 : f32[4,4]
      %7 = sub %3, %6 : f32[4,4]
      return %7, %5
    }
  %8 = reduce %1 { reducer = max, axes = [1] } : f32[B]
  %9 = broadcast %8 { axes = [0] } : f32[B,4]
  %10 = sub %1, %9 : f32[B,4]
  %11 = exp %10 : f32[B,4]
  %12 = dot %11, %0 { contract = [1]x[0] } : f32[B,4]
  return y = %12
  update @w = %0
}`;
  const p = planMemory(lower(simplify(parseFunction(text))));
  checkPlan(p);
  golden("plan/scan.txt", printPlan(p));
});
