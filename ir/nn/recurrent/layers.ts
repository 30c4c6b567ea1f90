import { scan } from "../../control/scan.ts";
import { check } from "../../graph/error.ts";
import { uniform } from "../../init/init.ts";
import type { AnyScope } from "../../model/scope.ts";
import { zeros } from "../../tensor/creation.ts";
import { cat, stack } from "../../tensor/join.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { typeText, type Shape } from "../../types/index.ts";
import { dropout } from "../dropout.ts";
import type { Recurrence, State, Weights } from "./cells.ts";

/** What RNN, LSTM and GRU share: layers, directions, and the way through time. */

export interface RecurrentOptions {
  /** Layers on top of each other; 1 unless given. */
  readonly numLayers?: number;
  /** Whether there are biases; true unless given. */
  readonly bias?: boolean;
  /** `[B, T, …]` instead of `[T, B, …]`; states stay `[layers, B, …]`. */
  readonly batchFirst?: boolean;
  /** Probability of dropping what goes from one layer to the next, in training functions; 0 unless given. */
  readonly dropout?: number;
  /** A second set of layers runs from the last step to the first; outputs stand side by side. */
  readonly bidirectional?: boolean;
}

export interface Sizes {
  readonly input: number;
  readonly hidden: number;
  /** Width of what a layer gives out: `hidden`, unless an LSTM projects. */
  readonly output: number;
}

/** Makes the parameters of one layer and direction. `suffix` is what PyTorch puts behind their names. */
export function weightsOf(scope: AnyScope, { gates }: Recurrence, { input, hidden, output }: Sizes, bias: boolean, suffix: string): Weights {
  const bound = 1 / Math.sqrt(hidden);
  const param = (name: string, ...shape: number[]): Tensor => scope.param(name + suffix, shape, { init: uniform(-bound, bound) });
  return {
    ih: param("weight_ih", gates * hidden, input),
    hh: param("weight_hh", gates * hidden, output),
    biasIh: bias ? param("bias_ih", gates * hidden) : null,
    biasHh: bias ? param("bias_hh", gates * hidden) : null,
    hr: output === hidden ? null : param("weight_hr", output, hidden),
  };
}

/** A recurrent network: output of all steps, and the last state of all layers. */
export type RecurrentMap = (x: Tensor, initial?: readonly Tensor[]) => { readonly output: Tensor; readonly last: readonly Tensor[] };

/**
 * Layers of one recurrence. In the state of a network, layers come in order and the two directions of each together.
 */
export function recurrent(scope: AnyScope, recurrence: Recurrence, sizes: Sizes, options: RecurrentOptions): RecurrentMap {
  const { numLayers = 1, bias = true, batchFirst = false, dropout: p = 0, bidirectional = false } = options, { name } = recurrence;
  check(Number.isInteger(numLayers) && numLayers >= 1, () => `${name}: numLayers is ${numLayers}`, "give a whole number from 1");
  check(p >= 0 && p <= 1, () => `${name}: dropout = ${p} is no probability`, "give a number from 0 to 1");
  const directions = bidirectional ? ["", "_reverse"] : [""];
  const layers = Array.from({ length: numLayers }, (_, layer) => {
    const input = layer === 0 ? sizes.input : sizes.output * directions.length;
    return directions.map((direction) => weightsOf(scope, recurrence, { ...sizes, input }, bias, `_l${layer}${direction}`));
  });

  return (given, initial) => {
    const text = (): string => `${name} of ${typeText(given.value.type)}`;
    check(given.rank === 2 || given.rank === 3, text, `it takes ${batchFirst ? "[B, T, input]" : "[T, B, input]"}, or [T, input] without a batch`);
    check(given.shape[given.rank - 1] === sizes.input, () => `${text()}: ${given.shape[given.rank - 1]} against ${sizes.input}`, "the last dimension must be the width that the layer takes");
    const isBatch = given.rank === 3;
    const x = !isBatch ? given.unsqueeze(1) : batchFirst ? given.transpose(0, 1) : given;
    const widths = recurrence.states.map((_, i) => (i === 0 ? sizes.output : sizes.hidden));
    const shapes = widths.map((width): Shape => [numLayers * directions.length, ...(isBatch ? [x.shape[1]] : []), width]);
    const states = statesOf(recurrence, x, shapes, isBatch, initial);

    const last: State[] = [];
    let y = x;
    for (const [layer, ofLayer] of layers.entries()) {
      const input = layer === 0 ? y : dropout(y, { p });
      const outputs = ofLayer.map((weights, direction) => {
        const first = states.map((s) => s.select(0, layer * directions.length + direction));
        const [state, output] = scan(
          (state: readonly Tensor[], projected: Tensor) => {
            const next = recurrence.step(projected, state as State, weights);
            return [next, next[0]];
          },
          first, recurrence.project(input, weights), { reverse: direction === 1 });
        last.push(state as unknown as State);
        return output;
      });
      y = outputs.length === 1 ? outputs[0] : cat(outputs, -1);
    }
    const output = !isBatch ? y.squeeze(1) : batchFirst ? y.transpose(0, 1) : y;
    return { output, last: shapes.map((shape, i) => stack(last.map((s) => s[i])).reshape(shape)) };
  };
}

/** Initial states with a batch axis: zeros unless given. */
function statesOf({ name, states }: Recurrence, x: Tensor, shapes: readonly Shape[], isBatch: boolean, initial: readonly Tensor[] | undefined): readonly Tensor[] {
  return shapes.map((shape, i) => {
    const given = initial?.[i];
    if (given) check(given.dtype === x.dtype && given.rank === shape.length && given.shape.every((d, k) => d === shape[k]), () =>
      `${name} of ${typeText(x.value.type)}: ${states[i]} is ${typeText(given.value.type)}; it must be ${typeText({ dtype: x.dtype, shape })}`, `the layout is [layers and directions, ${isBatch ? "B, " : ""}width], also where the batch comes first`);
    const state = given ?? zeros(shape, x.dtype);
    return isBatch ? state : state.unsqueeze(1);
  });
}
