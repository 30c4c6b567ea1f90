import { describe, expect, test } from "vitest";
import { defineModel, f32, grad, i32, losses, nn, optim, type ModelBuilder, type Tensor } from "chainrule";
import { compileFunction } from "../../compiler/pipeline.ts";
import { planStats } from "../../compiler/plan/index.ts";
import type { Program, Step } from "../../compiler/plan/program.ts";
import { geluMlp, recurrent, transformerBlock } from "./counted.ts";

/**
 * What can be counted is counted: kernels a call, and memory. A just-in-time peer needs 4 kernels for a softmax, 2
 * for a gelu layer, 12 for Adam on four tensors, and 68 for the loss and gradients of the MLP here.
 */

describe.each(["js", "wasm"] as const)("kernels on %s, at most", (target) => {
  const kernels = (define: (m: ModelBuilder) => void, name = "f"): number => {
    const model = defineModel("counted", (m) => { define(m); });
    return compileFunction(model.functions.find((fn) => fn.name === name)!, target).plan.kernels.length;
  };
  const ofRows = (f: (x: Tensor) => Record<string, Tensor>) => kernels((m) => { m.fn("f", { x: f32("B", 512) }, ({ x }) => f(x)); });

  test("softmax: 1", () => { expect(ofRows((x) => ({ y: x.softmax(-1) }))).toBe(1); });
  test("log-softmax: 1", () => { expect(ofRows((x) => ({ y: x.logSoftmax(-1) }))).toBe(1); });
  test("layer norm: 1", () => {
    expect(kernels((m) => {
      const norm = m.use("norm", nn.layerNorm(512));
      m.fn("f", { x: f32("B", 512) }, ({ x }) => ({ y: norm(x) }));
    })).toBe(1);
  });
  test("cross-entropy with its gradient: 1", () => {
    expect(kernels((m) => {
      m.fn("f", { x: f32("B", 10), label: i32("B") }, ({ x, label }) => {
        const loss = losses.crossEntropy(x, label);
        return { loss, gradient: grad(loss, [x])[0] };
      });
    })).toBe(1);
  });
  test("gelu(x·w + b): 1", () => {
    expect(kernels((m) => {
      const fc = m.use("fc", nn.linear(64, 128));
      m.fn("f", { x: f32("B", 64) }, ({ x }) => ({ y: fc(x).gelu() }));
    })).toBe(1);
  });
  test("two elementwise outputs that share work: 1", () => { expect(ofRows((x) => { const y = x.mul(2).add(1); return { a: y.exp(), b: y.sin() }; })).toBe(1); });
  test("Adam on the weight and the bias of one layer: 2", () => {
    expect(kernels((m) => {
      const w = m.param("w", [128, 64]), b = m.param("b", [128]);
      m.fn("f", { gw: f32(128, 64), gb: f32(128) }, ({ gw, gb }) => {
        optim.adam({ lr: 1e-3 }).step([w, b], [gw, gb]);
        return {};
      });
    })).toBeLessThanOrEqual(2);
  });
  test("a 4-layer gelu MLP, loss and gradients: 16", () => {
    expect(kernels(geluMlp)).toBeLessThanOrEqual(16);
  });
  test("a block of a transformer: 7; with a loss and the gradients of all parameters: 28", () => {
    expect(kernels(transformerBlock)).toBeLessThanOrEqual(7);
    expect(kernels(transformerBlock, "g")).toBeLessThanOrEqual(28);
  });
});

describe.each(["js", "wasm", "webgpu"] as const)("a step of a scan on %s, at most", (target) => {
  /** What a step of each scan of a function takes. */
  const steps = (define: (m: ModelBuilder) => void, name: string): Step["kind"][][] => {
    const model = defineModel("counted", define);
    const plan: Program = compileFunction(model.functions.find((fn) => fn.name === name)!, target).plan;
    return plan.steps.flatMap((s) => (s.kind === "for" ? [s.body.map((step) => step.kind)] : []));
  };
  const lstm = recurrent(nn.lstm(16, 32)), gru = recurrent(nn.gru(16, 32)), rnn = recurrent(nn.rnn(16, 32));

  test("LSTM: 2 kernels, the state where the step before left it", () => {
    expect(steps(lstm, "f")).toEqual([["kernel", "kernel"]]);
  });
  test("GRU: 2 kernels", () => { expect(steps(gru, "f")).toEqual([["kernel", "kernel"]]); });
  test("RNN: 1 kernel, and the copy of a state that all of the next one is made of", () => { expect(steps(rnn, "f")).toEqual([["kernel", "copy"]]); });
  if (target === "webgpu") return; // its kernels may not touch as many buffers as the others store
  test("LSTM that keeps what its gradient needs: 2 kernels", () => { expect(steps(lstm, "g")[0]).toEqual(["kernel", "kernel"]); });
  test("run backward: 2 kernels; the gradients of the weights are products of all steps at once, after it", () => {
    for (const model of [lstm, gru, rnn]) expect(steps(model, "g")[1].filter((kind) => kind === "kernel").length).toBe(2);
  });
});

test("a chain of steps kept apart by reductions needs the same few buffers however long it is", () => {
  const arena = (n: number): number => {
    const model = defineModel("chain", (m) => {
      m.fn("f", { x: f32("B", 1024) }, ({ x }) => {
        let y: Tensor = x;
        for (let i = 0; i < n; i++) y = y.sub(y.mean()).tanh();
        return { y };
      });
    });
    return planStats(compileFunction(model.functions[0]).plan, { B: 256 }).arenaBytes;
  };
  const [short, middle, long] = [5, 20, 40].map(arena);
  expect(middle).toBe(short);
  expect(long).toBe(short);
  expect(long).toBeLessThanOrEqual(3 * 4 * 256 * 1024 + 4096);
});
