import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test, vi } from "vitest";
import { isFileTensor, readTensor, type Seed, type Tolerance } from "../conformance/format.ts";
import { typeErrors } from "../tsc.ts";
import { build, root } from "./build.ts";

/**
 * The programs of `examples/tutorials` compute PyTorch's numbers. Those are in ../shared/conformance/seeds.json;
 * seeds.json here has what is compared of them, so that nothing is left out where that folder is missing.
 */
type Plain = number | readonly Plain[] | { readonly [name: string]: Plain };
interface Known { readonly tolerance: Tolerance; readonly expected: Readonly<Record<string, Plain>> }
const known = JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8")) as Readonly<Record<string, Known>>;

/** Holds what a program found against an item, name by name, within the item's tolerance. */
function hold(id: string, found: Readonly<Record<string, unknown>>): void {
  const { expected, tolerance: { rtol, atol } } = known[id];
  const compare = (what: string, got: unknown, want: Plain): void => {
    if (typeof want === "number") {
      expect(typeof got, what).toBe("number");
      expect(Math.abs((got as number) - want), `${what}: ${String(got)}, and PyTorch has ${want}`).toBeLessThanOrEqual(atol + rtol * Math.abs(want));
      return;
    }
    const names = (x: unknown): string[] => Object.keys(x as object);
    expect(names(got), what).toEqual(names(want));
    for (const [name, part] of Object.entries(want)) compare(`${what}.${name}`, (got as Record<string, unknown>)[name], part as Plain);
  };
  for (const [name, value] of Object.entries(found)) compare(`${id} ${name}`, value, expected[name]);
  expect(Object.keys(found).sort(), `what is compared of ${id}`).toEqual(Object.keys(expected).sort());
}

/** Runs a program in this process; what it exports is what it found. */
const run = async <T>(name: string): Promise<T> => await import(pathToFileURL(join(root, `examples/tutorials/${name}.ts`)).href) as T;

beforeAll(async () => {
  await build("examples/tutorials", "examples/tutorials/dist");
  vi.spyOn(console, "log").mockImplementation(() => {});
}, 120_000);

test("the linear model swept over w", async () => {
  const { losses, bestW } = await run<{ losses: number[]; bestW: number }>("sweep");
  hold("seed2/mse_sweep", { mse: losses, best_w: bestW, argmin: losses.indexOf(Math.min(...losses)) });
});

test("gradient descent", async () => {
  const { before, after, slopes, weights, losses } = await run<{ before: number; after: number; slopes: number[]; weights: number[]; losses: number[] }>("descent");
  hold("seed2/gradient_descent", { predict_4_before: before, predict_4_after: after, w: weights, loss: losses, grads_first_3_epochs: slopes.slice(0, 9) });
});

test("the quadratic", async () => {
  const { results } = await run<{ results: Record<"b10" | "b3", { before: number; slopes: number[][]; rows: number[][] }> }>("quadratic");
  for (const [b, { before, slopes, rows }] of Object.entries(results))
    hold(`seed2/quadratic_${b}`, { predict_4_before: before, first_epoch_grads_w1_w2: slopes.slice(0, 3), rows });
});

test("the two-layer net", async () => {
  const { losses, trained } = await run<{ losses: number[]; trained: Record<"w1" | "w2", number[][]> }>("net");
  hold("seed0/two_layer_net_f32", { first_loss: losses[0], losses: [99, 199, 299, 399, 499].map((i) => losses[i]), ...trained });
});

test("autograd: 4.5, accumulation, what is detached", async () => {
  type Matrix = number[][];
  const { mean, once, twice, half, detached } = await run<{
    mean: { y: Matrix; z: Matrix; out: number; gradient: Matrix }; once: Matrix; twice: Matrix; half: Matrix; detached: Record<"both" | "one" | "square" | "squareAndMore", number[]>;
  }>("autograd");
  const { gradient: x_grad, ...values } = mean;
  hold("seed1/mean_of_squares", { ...values, x_grad });
  hold("seed1/grad_accumulates", { after_first: once, after_second: twice, after_zero_and_half: half });
  const { both, one, square, squareAndMore } = detached;
  hold("seed1/detach_gradients", { x_times_x: both, x_times_detached_x: one, square_under_no_grad_times_x: square, detached_square_times_x_plus_x: squareAndMore });
});

test("the loop that doubles", async () => {
  const { runs } = await run<{ runs: { y: number[]; norm: number; trips: number; gradient: number[] }[] }>("doubling");
  for (const [i, { y, norm, trips, gradient }] of runs.entries())
    hold(`seed1/doubling_loop_${i + 1}`, { y, y_norm: norm, loop_iterations: trips, x_grad: gradient });
  expect(runs).toHaveLength(3);
});

test("index, gather, scatter and chunk", async () => {
  const { selected, gathered, scattered, halves, chunks } = await run<{
    selected: Record<"rows" | "columns" | "gradient", number[][]>; gathered: { diagonal: number[]; gradient: number[][] };
    scattered: Record<"down" | "across" | "counts", number[][]>; halves: Record<"down" | "across", number[][][]>; chunks: number[][][];
  }>("indexing");
  hold("seed4/index_select", { dim0: selected.rows, dim1: selected.columns, grad_of_square_sum_dim0: selected.gradient });
  hold("seed4/gather", { flattened: gathered.diagonal, grad_of_squares: gathered.gradient });
  hold("seed4/scatter_", { dim0: scattered.down, dim1: scattered.across, scatter_add_: scattered.counts });
  hold("seed4/chunk", { parts: chunks, m_dim0: halves.down, m_dim1: halves.across });
});

test("a class for linear regression", async () => {
  interface Results { losses: number[]; weight: number[][]; bias: number[]; prediction: number }
  const { lineResults, planeResults } = await run<{ lineResults: Results; planeResults: Results }>("regression");
  for (const [id, { losses, prediction, ...rest }] of [["seed3/linear_1_1_regression_f32", lineResults], ["seed3/linear_3_1_regression_f32", planeResults]] as const) {
    const epochs = (known[id].expected["losses"] as [number, number][]).map(([epoch]) => epoch);
    hold(id, { ...rest, losses: epochs.map((epoch) => [epoch, losses[epoch]]), prediction: [[prediction]] });
  }
});

test("one command runs them all, and ends with the figures and where the plots are", async () => {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, "examples/tutorials/run.ts"], { cwd: root });
  const [, figures, plots] = /── figures\n(.*)\n\n── plots\n(.*)\n$/s.exec(stdout) ?? [];
  expect(figures.split("\n")).toEqual([
    "sweep       the loss is least at w = 2.0",
    "descent     4 is taken to 4.0 before training, to 8.0000 after",
    "quadratic   with b = 10, w1 is -6.9364 and w2 is 1.8726; with b = 3, -0.8293 and 0.6054",
    "net         the loss goes from 2600.6 to 1.9575 in 500 steps",
    "autograd    every entry of the gradient is 4.5",
    "doubling    the norm passes 1000 after 9, 8, 15 doublings; the gradient of the second is 51.2, 512, 0.0512",
    "indexing    the diagonal is 1, 4; 13 in six parts are 5 of 3, 3, 3, 3, 1",
    "regression  the line takes 4 to 7.999; the plane gives the first row 1.544",
  ]);
  const files = plots.split("\n");
  expect(files.map((file) => file.split("/").at(-1))).toEqual(["descent.svg", "net.svg", "quadratic.svg", "regression.svg", "sweep.svg"]);
  for (const file of files) expect(readFileSync(file, "utf8")).toMatch(/^<svg .*<\/svg>$/s);
}, 60_000);

test("the programs fit the types of what they load", async () => {
  for (const name of ["digits", "iris", "cnn-digits", "vae-digits", "lstm-text", "char-gpt", "unet-denoise"]) await build(`examples/${name}/${name}.model.ts`, `examples/${name}/dist`);
  expect(await typeErrors("examples")).toBe("");
}, 300_000);

test("the figures here are those of the shared file", (context) => {
  const file = join(root, "../shared/conformance/seeds.json");
  if (!existsSync(file)) context.skip(`${file} is missing; the copy of its figures was compared all the same`);
  const { items } = JSON.parse(readFileSync(file, "utf8")) as { items: readonly Seed[] };
  const plain = (x: unknown): unknown =>
    isFileTensor(x) ? nested(readTensor(x)) : Array.isArray(x) ? x.map(plain) : x;
  const nested = ({ shape: [n, ...rest], data }: { shape: readonly number[]; data: ArrayLike<number> }): unknown =>
    n === undefined ? data[0] : Array.from({ length: n }, (_, i) => nested({ shape: rest, data: Array.from(data).slice(i * data.length / n, (i + 1) * data.length / n) }));
  const rounded = (x: unknown): unknown => JSON.parse(JSON.stringify(x), (_, v: unknown) => (typeof v === "number" ? Math.fround(v) : v)); // f32 is written in few digits
  for (const [id, { expected, tolerance }] of Object.entries(known)) {
    const item = items.find((i) => i.id === id)!;
    expect(tolerance, id).toEqual(item.tolerance);
    const { parts, ...others } = expected;
    for (const [name, value] of Object.entries(others)) expect(rounded(value), `${id} ${name}`).toEqual(rounded(plain(item.expected[name])));
    if (parts) expect(parts, id).toEqual((item.expected["cases"] as { parts: number[][] }[]).slice(0, 3).map((c) => c.parts));
  }
});
