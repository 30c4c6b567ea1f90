import { expect, test } from "vitest";
import { arange, checkpoint, defineModel, f32, grad, jvp, nn, scan, type Tensor } from "chainrule";
import { expandDerivatives } from "../../../compiler/autodiff/index.ts";
import { simplify } from "../../../compiler/simplify/index.ts";
import { printFunction } from "../../../ir/text/index.ts";
import { golden } from "../../golden.ts";
import { Session } from "../session.ts";

type Call = (fn: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const plain: Call = (fn, x) => fn(x);
const wrapped: Call = (fn, x) => checkpoint(fn, x);

test("values and derivatives are those of a plain call, second derivatives and tangents too", () => {
  const results = [plain, wrapped].map((call) => new Session(defineModel("net", (m) => {
    const fc = m.use("fc", nn.linear(3, 3));
    m.fn("f", { x: f32(2, 3), t: f32(2, 3) }, ({ x, t }) => {
      const y = call((v) => fc(v).tanh().mul(v), call((v) => v.exp().add(arange(3)), x));
      const g = grad(y.sin().sum(), { x, w: fc.weight });
      return { y, ...g, second: grad(g.x.pow(2).sum(), x), along: jvp(y, x, t) };
    });
  })).numbers("f", { x: [[0.1, -0.2, 0.3], [0.5, 0.4, -0.6]], t: [[1, 0, 2], [-1, 1, 0]] }));
  // terms of a second derivative are added up in another order
  for (const [name, want] of Object.entries(results[0])) for (const [i, w] of want.entries()) expect(results[1][name][i], name).toBeCloseTo(w, 12);
});

test("dropout draws the same numbers when it is computed again, and running statistics are updated once", () => {
  const [a, b] = [plain, wrapped].map((call) => {
    const session = new Session(defineModel("net", (m) => {
      const norm = m.use("norm", nn.batchNorm1d(4)), drop = m.use("drop", nn.dropout(0.5));
      m.fn("f", { x: f32("B", 4) }, ({ x }) => {
        const y = call((v) => drop(norm(v)), x);
        return { y, g: grad(y.pow(3).sum(), x) };
      }, { train: true });
    }), [1, 2]);
    const x = [[1, 2, 3, 4], [4, 3, 1, 0], [0, 1, 5, 2]];
    return [session.numbers("f", { x }), session.numbers("f", { x }), session.variables];
  });
  expect(b).toEqual(a);
  expect(a[0]).not.toEqual(a[1]);
});

test("structures go in and come out; integers pass; a checkpoint may be in a scan and have one inside", () => {
  const session = new Session(defineModel("net", (m) => {
    m.fn("f", { xs: f32(3), h: f32() }, ({ xs, h }) => {
      const [last] = scan((c: Tensor, x, step) => {
        const { next } = checkpoint((p: { c: Tensor; x: Tensor }, k: Tensor) => ({ next: checkpoint((q: Tensor) => q.mul(p.x).add(k.convert("f32")), p.c) }), { c, x }, step);
        return [next, null];
      }, h, xs);
      return { last, ...grad(last, { xs, h }) };
    });
  }));
  // ((h·x0 + 0)·x1 + 1)·x2 + 2
  expect(session.numbers("f", { xs: [2, 3, 5], h: 7 })).toEqual({ last: [217], xs: [105, 70, 43], h: [30] });
});

test("the derivative computes it again, of the operands, once there is a cotangent", () => {
  const { functions: [fn] } = defineModel("net", (m) => {
    m.fn("f", { x: f32(4), w: f32(4) }, ({ x, w }) => {
      const y = checkpoint((v) => v.mul(w).sin(), x.exp());
      return { loss: y.pow(2).sum(), gradient: grad(y.pow(2).sum(), x) };
    });
  });
  golden("autodiff/checkpoint.txt", [["as declared", fn], ["derivatives expanded, simplified", simplify(expandDerivatives(fn))]]
    .map(([title, f]) => `# ${title as string}\n${printFunction(f as typeof fn)}`).join("\n"));
});

test("a function that returns no tensors is a mistake", () => {
  expect(() => defineModel("net", (m) => {
    m.fn("f", { x: f32() }, ({ x }) => ({ y: checkpoint((_: Tensor) => 3 as unknown as Tensor, x) }));
  })).toThrow("checkpoint: what the function returns is a number");
});
