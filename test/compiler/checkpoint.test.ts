import { describe, expect, test } from "vitest";
import { checkpoint, defineModel, f32, nn, optim, type Tensor } from "chainrule";
import { compileFunction } from "../../compiler/pipeline.ts";
import { planStats, type PlanStats } from "../../compiler/plan/index.ts";

/** What `checkpoint` is for, counted: the arena of a training step of a chain of blocks. */

type Block = (x: Tensor) => Tensor;
/** How a chain of blocks is run. */
type Run = (blocks: readonly Block[], x: Tensor) => Tensor;

const plain: Run = (blocks, x) => blocks.reduce((h, block) => block(h), x);
const eachBlock: Run = (blocks, x) => blocks.reduce((h, block) => checkpoint(block, h), x);
/** Blocks checkpointed in groups, and each by itself in its group. */
const inGroups = (size: number): Run => (blocks, x) =>
  Array.from({ length: blocks.length / size }, (_, i) => blocks.slice(i * size, (i + 1) * size)).reduce((h, group) => checkpoint((v: Tensor) => eachBlock(group, v), h), x);

const batch = 64, width = 16;
/** Bytes of what goes from block to block. */
const unit = batch * width * 4;

function chain(n: number, run: Run, target: "js" | "webgpu" = "js"): PlanStats {
  const { functions: [train] } = defineModel("chain", (m) => {
    const blocks = Array.from({ length: n }, (_, i): Block => {
      const up = m.use(`up${i}`, nn.linear(width, 4 * width)), down = m.use(`down${i}`, nn.linear(4 * width, width));
      return (x) => x.add(down(up(x).gelu()));
    });
    m.trainStep("train", { x: f32("B", width) }, ({ x }) => run(blocks, x).pow(2).mean(), optim.sgd({ lr: 0.1 }));
  });
  return planStats(compileFunction(train, target).plan, { B: batch });
}
const units = (stats: PlanStats): number => stats.arenaBytes / unit;

for (const target of ["js", "webgpu"] as const) describe(`the arena of a chain, on ${target}`, () => {
  test("grows by all that a block computes, as it is", () => {
    expect(units(chain(8, plain, target)) - units(chain(4, plain, target))).toBeGreaterThan(4 * 9);
  });
  test("grows by what goes from block to block, where each is checkpointed", () => {
    expect(units(chain(8, eachBlock, target)) - units(chain(4, eachBlock, target))).toBeCloseTo(4, 1);
    expect(units(chain(16, eachBlock, target))).toBeLessThan(units(chain(16, plain, target)) / 6);
  });
});

test("the arena grows with the root of the length, where groups are checkpointed as well", () => {
  const [four, eight] = [[4, 16], [8, 64]].map(([size, n]) => units(chain(n, inGroups(size))));
  expect(eight - four).toBeLessThan(2 * 4 + 2); // a checkpoint for each of 4 more groups, and of 4 more blocks in one
});

test("it costs the forward pass once more, and no kernel that does nothing", () => {
  const [before, after] = [plain, eachBlock].map((run) => chain(8, run));
  expect(after.flops).toBeLessThan(1.4 * before.flops);
  expect(after.kernels).toBeLessThanOrEqual(before.kernels + 2 * 8);
});
