import fc from "fast-check";
import { expect, test } from "vitest";
import * as chainrule from "chainrule";
import { dtypes, type Shape } from "../../../ir/types/index.ts";
import { typeCheck } from "./check.ts";

/**
 * The types say what the graph does: expressions are built, and the compiler must infer exactly the shape and dtype
 * that came out, or (where it cannot) something that leaves it open, never another.
 */

/** A runtime evaluation of an expression in the vocabulary of the package; undefined where it is a mistake. */
function build(code: string): chainrule.Tensor | undefined {
  const names = Object.keys(chainrule);
  try {
    return new Function(...names, `return ${code}`)(...names.map((n) => chainrule[n as keyof typeof chainrule])) as chainrule.Tensor;
  } catch (e) {
    if (e instanceof chainrule.GraphError) return undefined;
    throw e;
  }
}

const literal = (shape: Shape): string => `[${shape.map((d) => JSON.stringify(d)).join(", ")}]`;

function expectAgreement(expressions: readonly string[], openAllowed: boolean): void {
  const lines = [
    `import { ${Object.keys(chainrule).filter((n) => /^[a-z]\w*$/i.test(n)).join(", ")} } from "chainrule";`,
    "type Exact<T, U> = (<G>() => G extends T ? 1 : 2) extends <G>() => G extends U ? 1 : 2 ? true : false;",
    "type Open<T extends Tensor, U extends Tensor> = U extends T ? true : false;",
    "declare function agree<T extends true>(): T;",
  ];
  let built = 0;
  for (const [i, code] of expressions.entries()) {
    const t = build(code);
    if (!t) continue;
    built++;
    const want = `Tensor<${literal(t.shape)}, "${t.dtype}">`;
    lines.push(`const t${i} = ${code}; agree<${openAllowed ? `Open<typeof t${i}, ${want}>` : `Exact<typeof t${i}, ${want}>`}>();`);
  }
  expect(built).toBeGreaterThan(expressions.length / 4);
  const { mistakes } = typeCheck("test/ir/tensor/fixtures/agreement.ts", lines.join("\n"));
  expect(mistakes.map((m) => `${lines[m.line - 1]}\n${m.text}`)).toEqual([]);
}

const sizes = fc.constantFrom<chainrule.Dim>(1, 1, 2, 3, 12, "B", "T");
const shapes = fc.array(sizes, { maxLength: 4 });
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number, seed: number): T[] => fc.sample(arbitrary, { numRuns: count, seed });

test("dtypes of every pair, with and without dimensions", () => {
  const pairs = dtypes.flatMap((a) => dtypes.flatMap((b) => [["[3]", "[3]"], ["[]", "[3]"], ["[3]", "[]"], ["[]", "[]"]].map(([s, t]) => [`zeros(${s}, "${a}")`, `zeros(${t}, "${b}")`])));
  const scalars = dtypes.flatMap((a) => ["2", "-2.5", "true", 'scalar(2, "float")'].map((s) => [`zeros([3], "${a}")`, s]));
  expectAgreement([
    ...[...pairs, ...scalars].flatMap(([a, b]) => [`${a}.maximum(${b})`, `${a}.div(${b})`, `${a}.eq(${b})`]),
    ...dtypes.flatMap((d) => ["exp()", "sum()", "cumsum(0)", "square()", "argmax()", "any()"].map((m) => `zeros([3], "${d}").${m}`)),
  ], false);
}, 120_000);

test("shapes that need no arithmetic are exact", () => {
  const axis = fc.integer({ min: -4, max: 3 });
  const one = fc.tuple(shapes, axis, axis, fc.boolean()).chain(([s, a, b, keep]) => fc.constantFrom(
    `zeros(${literal(s)}).sum(${a}, ${keep})`, `zeros(${literal(s)}).sum([${a}, ${b}], ${keep})`, `zeros(${literal(s)}).mean(undefined, { keepdim: ${keep} })`,
    `zeros(${literal(s)}).argmax(${a}, ${keep})`, `zeros(${literal(s)}).var(${a})`, `zeros(${literal(s)}).std([${a}], { correction: 0, keepdim: ${keep} })`,
    `zeros(${literal(s)}).max(${a}, ${keep}).values`, `zeros(${literal(s)}).norm(1, ${a}, { keepdim: ${keep} })`, `zeros(${literal(s)}).logsumexp(${a})`, `zeros(${literal(s)}).softmax(${a})`,
    `zeros(${literal(s)}).topk(1, ${a}).indices`, `zeros(${literal(s)}).kthvalue(1, ${a}, ${keep}).values`, `zeros(${literal(s)}).unsqueeze(${a})`, `zeros(${literal(s)}).squeeze()`, `zeros(${literal(s)}).squeeze(${a})`,
    `zeros(${literal(s)}).transpose(${a}, ${b})`, `zeros(${literal(s)}).permute(${s.map((_, i) => (i + 1) % s.length).join(", ")})`, `zeros(${literal(s)}).select(${a}, 0)`,
    `zeros(${literal(s)}).narrow(${a}, 0, 1)`, `zeros(${literal(s)}).T()`, `stack([zeros(${literal(s)}), zeros(${literal(s)})], ${a})`,
  ));
  // rank 0 takes axes 0 and -1, and what that gives is not spelled out in types for all of these
  const two = fc.tuple(shapes, shapes, sizes).chain(([s, t, k]) => fc.constantFrom(
    `zeros(${literal(s)}).add(zeros(${literal(t)}))`, `zeros(${literal(s)}).lt(zeros(${literal(t.slice(1))}))`,
    `zeros(${literal([...s, k])}).matmul(zeros(${literal([...t, k, 2])}))`, `zeros(${literal([k])}).matmul(zeros(${literal([...t, k, 2])}))`, `zeros(${literal([...s, k])}).matmul(zeros(${literal([k])}))`,
  ));
  expectAgreement([...sample(one, 250, 1), ...sample(two, 250, 2)], false);
}, 120_000);

test("sizes that are worked out are right, or left open", () => {
  const code = fc.tuple(shapes, shapes, fc.integer({ min: -3, max: 2 }), fc.integer({ min: -3, max: 2 })).chain(([s, t, a, b]) => fc.constantFrom(
    `zeros(${literal(s)}).flatten(${a}, ${b})`, `zeros(${literal(s)}).flatten()`, `zeros(${literal(s)}).reshape(-1)`, `zeros(${literal(s)}).reshape(${[...t, -1].map((d) => JSON.stringify(d)).join(", ")})`,
    `zeros(${literal(s)}).reshape(${literal([...s].reverse())})`, `zeros(${literal([...s, 12])}).reshape(${literal([3, ...s, -1])})`,
    `cat([zeros(${literal(s)}), zeros(${literal(s)})], ${a})`, `cat([zeros(${literal(s)}), zeros(${literal([1, ...s.slice(1)])}), zeros(${literal(s)})])`,
    `zeros(${literal(s)}).expand(${literal([...t, ...s])})`,
  ));
  expectAgreement(sample(code, 400, 3), true);
}, 120_000);
