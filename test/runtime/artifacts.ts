import type { CompiledFunction, ModelSpec } from "../../runtime/index.ts";
import { javascript } from "../../runtime/javascript.ts";
import { createLoader, type Artifact } from "../../runtime/load.ts";

/** A spec with what a test says of it. */
export const specOf = (parts: Partial<ModelSpec> = {}): ModelSpec => ({
  format: "chainrule", version: 1, name: "tiny", devices: ["js"], build: "b1", symbols: {}, variables: [], functions: {}, weights: null, ...parts,
});

/** The devices of kernels in JavaScript. */
export const onJavaScript = (functions: Readonly<Record<string, CompiledFunction>>, build = "b1"): Artifact["devices"] => ({ js: javascript(() => ({ build, functions })) });

/** A function that was compiled, by hand. */
export const compiled = (bind: CompiledFunction["bind"], parts: Partial<CompiledFunction> = {}): CompiledFunction => ({ arena: () => [], restore: [], bind, ...parts });

/** The functions of {@link tiny}. */
export const kernels: Readonly<Record<string, CompiledFunction>> = {
  count: compiled(({ B }, { arena, at, variables }) => {
    const rows = new Float32Array(arena, at[0], B), total = new Float32Array(arena, at[1], 1);
    return ([x, label, on]) => {
      variables.seen[0] += B;
      total[0] = 0;
      for (let i = 0; i < B; i++) {
        if (label[i] < 0 || label[i] > 1) throw new RangeError(`scatter (tiny.model.ts:9): index ${label[i]} is out of range for size 2`);
        variables.counts[label[i]]++;
        rows[i] = (x[2 * i] + x[2 * i + 1]) * (on[0] ? 1 : 10);
        total[0] += rows[i];
      }
      return [rows, total];
    };
  }, { arena: ({ B }) => [4 * B, 4], restore: ["counts", "seen"] }),
  nothing: compiled((_, { variables }) => () => [variables["w.scale"]]),
  $init: compiled((_, { variables }) => ([seed]) => {
    variables["w.scale"].set([seed[0] + 1, seed[1]]);
    variables.seen.fill(0);
    variables.counts.fill(0);
    return [];
  }),
};

/**
 * `count(x: f32[B,2], label: i32[B], on: bool[]) -> rows: f32[B], total: f32[]`: sums of rows, times 10 where not `on`;
 * adds the number of rows to the variable `seen`, and each label, which must be 0 or 1, to `counts`.
 */
export function tiny(parts: Partial<Artifact> = {}): Artifact {
  return {
    spec: specOf({
      symbols: { B: { min: 1, max: 1000 } },
      variables: [
        { name: "w.scale", role: "parameter", dtype: "f32", shape: [2] },
        { name: "seen", role: "state", dtype: "i32", shape: [] },
        { name: "counts", role: "state", dtype: "f64", shape: [2] },
      ],
      functions: {
        count: {
          inputs: [{ name: "x", dtype: "f32", shape: ["B", 2] }, { name: "label", dtype: "i32", shape: ["B"] }, { name: "on", dtype: "bool", shape: [] }],
          outputs: [{ name: "rows", dtype: "f32", shape: ["B"] }, { name: "total", dtype: "f32", shape: [] }],
        },
        nothing: { inputs: [], outputs: [{ name: "scale", dtype: "f32", shape: [2] }] },
        $init: { inputs: [{ name: "seed", dtype: "u32", shape: [2] }], outputs: [] },
      },
    }),
    devices: onJavaScript(kernels),
    ...parts,
  };
}

export const loadTiny = (options = {}, parts: Partial<Artifact> = {}) => createLoader(tiny(parts))(options);
