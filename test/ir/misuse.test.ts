import { describe, expect, test } from "vitest";
import * as chainrule from "chainrule";
import { bool, defineModel, f32, GraphError, i32, Tensor } from "chainrule";
import { mistake } from "./mistake.ts";

/**
 * What JavaScript, or a careless cast, lets through: every public function and method is called with arguments that it
 * cannot use, and must say so as a GraphError with the user's line; never as a TypeError of somewhere inside, and never a result
 * that is nothing.
 */

const inputs = () => ({ a: f32(2, 3), i: i32(2, 3), b: bool(3), s: f32(), v: f32("B", 4) });
const junk: readonly unknown[] = [undefined, null, "x", -7, 1.5, NaN, {}, [], [null], [1.5], () => 1, true, 99, "f31"];

/** Calls in the body of a model's function, as a user would; what came of it in words, if that is wrong. */
function complaint(call: (given: Readonly<Record<string, Tensor>>) => unknown): string | undefined {
  let result: unknown;
  try {
    defineModel("misused", (m) => {
      m.fn("f", inputs(), (given) => {
        result = call(given as unknown as Readonly<Record<string, Tensor>>);
        return { y: given.s };
      });
    });
  } catch (e) {
    if (!(e instanceof GraphError)) return `${(e as Error).name}: ${(e as Error).message}`;
    return e.at?.file.endsWith("misuse.test.ts") ? undefined : `a GraphError at ${e.at?.file ?? "no line"}: ${e.what}`;
  }
  return result === undefined || (typeof result === "number" && Number.isNaN(result)) ? `the result ${String(result)}` : undefined;
}

/** A few pairs of wrong arguments, others for each name. */
function some(name: string, count: number): (readonly [unknown, unknown])[] {
  let h = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
  const next = (): unknown => junk[(h = (Math.imul(h, 1664525) + 1013904223) >>> 0) % junk.length >>> 0];
  return Array.from({ length: count }, () => [next(), next()]);
}

type Callable = (...args: readonly unknown[]) => unknown;
const spaces: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["", chainrule], ["nn.functional.", chainrule.nn.functional], ["linalg.", chainrule.linalg], ["losses.", chainrule.losses], ["random.", chainrule.random], ["nn.", chainrule.nn], ["optim.", chainrule.optim], ["init.", chainrule.init],
];
const functions = spaces.flatMap(([prefix, space]) => Object.entries(space).flatMap(([name, f]) => (typeof f === "function" && /^[a-z]/.test(name) ? [[prefix + name, f as Callable] as const] : [])));
const methods = Object.getOwnPropertyNames(Tensor.prototype).filter((name) => name !== "constructor" && typeof Object.getOwnPropertyDescriptor(Tensor.prototype, name)!.value === "function");
/** Calls of these end in what the caller gave, whatever it is. */
const passesOn = new Set(["checkpoint"]);

describe("wrong arguments of functions", () => {
  test.each(functions)("%s", (name, f) => {
    const wrong: string[] = [];
    const attempt = (text: string, call: Parameters<typeof complaint>[0]): void => {
      const what = complaint(call);
      if (what !== undefined && !passesOn.has(name)) wrong.push(`${name}(${text}): ${what}`);
    };
    attempt("", () => f());
    for (const [x, y] of some(name, 5)) {
      attempt(String(x), () => f(x, y));
      attempt(`a, ${String(x)}`, ({ a }) => f(a, x));
      attempt(`a, a, ${String(x)}`, ({ a }) => f(a, a, x));
    }
    expect(wrong).toEqual([]);
  });
});

describe("wrong arguments of methods", () => {
  test.each(methods)("%s", (name) => {
    const wrong: string[] = [];
    for (const receiver of ["a", "b", "v"]) {
      const attempt = (...args: readonly unknown[]): void => {
        const what = complaint((given) => (given[receiver] as unknown as Record<string, Callable>)[name](...args));
        if (what !== undefined) wrong.push(`${receiver}.${name}(${args.map(String).join(", ")}): ${what}`);
      };
      attempt();
      for (const pair of some(name + receiver, 5)) attempt(...pair);
    }
    expect(wrong).toEqual([]);
  });
});

/** Optimizers and schedules are often made outside of a model, where nobody turns a TypeError into what it means. */
describe("wrong options outside of a model", () => {
  const made = Object.entries(chainrule.optim).flatMap(([name, f]) => (typeof f === "function" && name !== "totalNorm" ? [[name, f as Callable] as const] : []));
  test.each(made)("optim.%s", (name, f) => {
    for (const args of [[], ...some(name, 40), ...[null, [], { lr: "x" }, { lr: NaN }].map((x) => [x])]) {
      try { f(...args); } catch (e) {
        expect(e, `optim.${name}(${args.map(String).join(", ")}): ${String(e)}`).toBeInstanceOf(GraphError);
        expect((e as GraphError).at?.file).toMatch(/misuse\.test\.ts$/);
      }
    }
  });

  const { optim } = chainrule, any = (x: unknown): never => x as never;
  test.each<[() => unknown, string, string]>([
    [() => optim.adam(any([])), "adam takes its options as an object, not a list", "write { … }"],
    [() => optim.sgd(any(0.1)), "sgd takes its options as an object, not 0.1", "write { … }"],
    [() => optim.sgd({ lr: -0.1 }), "sgd: lr is -0.1", "give a number from 0, a scalar tensor or a schedule"],
    [() => optim.adamw({ lr: any("1e-3") }), 'adamw: lr is "1e-3"', "give a number from 0, a scalar tensor or a schedule"],
    [() => optim.adamw({ weightDecay: NaN }), "adamw: weightDecay is NaN", "give a number"],
    [() => optim.stepLR(0.1, any({ step_size: 30 })), "stepLR needs stepSize, and is given { step_size }", "write { stepSize: … }"],
    [() => optim.cosineAnnealingLR(any(optim.adam()), { tMax: 3 }), "cosineAnnealingLR: the learning rate is { name, step }", "give a number first, and then the rest; an optimizer takes a schedule as its lr, and not the other way about"],
    [() => optim.sequentialLR([any(0.1)], []), "sequentialLR: schedule 0 is 0.1", "give functions of the step: (t) => …, or one of optim's, such as optim.linearLR(1)"],
    [() => optim.average(any("adam")), "average: what it is given first is no optimizer", "write: optim.average(optim.adam(), { decay: 0.999 })"],
  ])("%s", (call, what, advice) => {
    const text = mistake(call).split("\n");
    expect(text.slice(0, 2)).toEqual([what, `  ${advice}`]);
    expect(text[2]).toMatch(/ {2}at .*misuse\.test\.ts:\d+:\d+$/);
  });
});

describe("messages", () => {
  const message = (call: (given: { readonly a: Tensor; readonly i: Tensor }) => unknown): string => mistake(() => defineModel("m", (m) => {
    m.fn("f", { a: f32(2, 3), i: i32(2, 3) }, ({ a, i }) => { call({ a, i }); return { y: a }; });
  }));
  const any = (x: unknown): never => x as never;

  test("a number for a list of sizes is the list of it", () => {
    expect(message(({ a }) => chainrule.nn.functional.layerNorm(a, 48))).toMatch(/layerNorm over \[48\] of f32\[2,3\]\n {2}the normalized shape must be the last/);
  });
  test("no tensor, and what there is instead", () => {
    expect(message(({ a }) => chainrule.losses.mse(a, any(undefined)))).toMatch(/mse: target is undefined; it must be a tensor\n {2}pass it\n {2}at .*misuse\.test\.ts:\d+/);
    expect(message(({ a }) => chainrule.losses.crossEntropy(a, any([1, 2])))).toMatch(/crossEntropy: target is \[1, 2\]; it must be a tensor\n {2}numbers and arrays become tensors with tensor/);
  });
  test("integers into a layer of floats, and what to do", () => {
    expect(message(({ i }) => chainrule.nn.functional.linear(any(i), chainrule.ones([4, 3])))).toMatch(/linear of i32\[2,3\] with a weight f32\[4,3\]: the dtypes differ\n {2}convert the input first: \.convert\("f32"\)\n {2}at .*misuse\.test\.ts:\d+/);
  });
  test("the name of a dimension is no number", () => {
    expect(message(({ a }) => a.div(any("B")))).toMatch(/an operand is "B"\n {2}pass a tensor[^]*ones\(\["B"\]\)\.sum\(\)\n {2}at .*misuse\.test\.ts:\d+/);
    expect(() => defineModel("m", (m) => { m.fn("f", { x: f32("B", 3) }, ({ x }) => ({ y: x.sum(0).div(chainrule.ones(["B"]).sum()) })); })).not.toThrow();
  });
  test("a body that is asynchronous", () => {
    expect(mistake(() => defineModel("m", (m) => { m.fn("f", { x: f32(2) }, any(async ({ x }: { x: Tensor }) => ({ y: x }))); }))).toMatch(/f returns a promise\n {2}its body writes a graph down[^]*misuse\.test\.ts:\d+/);
  });
  test("a method says what it was given, and what it takes", () => {
    expect(message(({ a }) => a.addmm(any(null), any(3)))).toMatch(/addmm cannot use what it is given: f32\[2,3\]\.addmm\(null, 3\)\n {2}it takes \(a, b, options.*\n {2}at .*misuse\.test\.ts:\d+/);
  });
  test("a function without a tensor to blame says its name", () => {
    expect(message(() => chainrule.hannWindow(3, any(null)))).toMatch(/hannWindow cannot use what it is given: .*null.*\n {2}check the kinds[^]*misuse\.test\.ts:\d+/);
  });
  test("an error of the user's own code stays theirs", () => {
    expect(() => defineModel("m", (m) => { m.fn("f", { a: f32(2) }, ({ a }) => { (null as unknown as null[]).push(null); return { a }; }); })).toThrow(TypeError);
  });
});
