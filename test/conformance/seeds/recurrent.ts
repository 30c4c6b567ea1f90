import { nn, type Tensor } from "chainrule";
import { isFileTensor, readTensor, type Tensors } from "../format.ts";
import { scopeOf } from "../scope.ts";
import type { SeedProgram, SeedPrograms, SeedRun } from "./run.ts";

/** The item's tensors of the names, and its parameters, as inputs of one function. */
function given(s: SeedRun, names: readonly string[]) {
  const params = Object.entries(s.plain<Tensors>("params")).filter(([, t]) => isFileTensor(t));
  return Object.fromEntries([...names.map((name) => [name, s.tensor(name)] as const), ...params.map(([name, t]) => [name, readTensor(t)] as const)]);
}

const rnn = (input: number, states: readonly string[], options: { numLayers?: number; batchFirst?: boolean }): SeedProgram => (s) =>
  s.evaluate(given(s, ["x", ...states]), (t) => {
    const layer = nn.rnn(input, 3, options)(scopeOf((name) => t[name]));
    const [output, h_n] = layer(t.x, t.h0 as Tensor | undefined);
    return { output, h_n, ...(states.length > 0 && { output_without_initial_state: layer(t.x)[0] }) };
  });

const lstm = (input: number, states: readonly string[], options: { numLayers?: number; batchFirst?: boolean }): SeedProgram => (s) =>
  s.evaluate(given(s, ["x", ...states]), (t) => {
    const layer = nn.lstm(input, 3, options)(scopeOf((name) => t[name]));
    const [output, [h_n, c_n]] = states.length > 0 ? layer(t.x, [t.h0, t.c0]) : layer(t.x);
    return { output, h_n, c_n, ...(states.length > 0 && { output_without_initial_state: layer(t.x)[0] }) };
  });

/** Recurrent layers on short sequences. */
export const recurrent: SeedPrograms = {
  "seed3/rnn_forward": rnn(4, ["h0"], { numLayers: 2, batchFirst: true }),
  "seed3/rnn_seq_first": rnn(2, [], {}),
  "seed3/lstm_forward": lstm(4, ["h0", "c0"], { numLayers: 2, batchFirst: true }),
  "seed3/lstm_seq_first": lstm(2, [], {}),
};
