import { check } from "../../graph/error.ts";
import type { Float, Layer } from "../../model/scope.ts";
import { zeros } from "../../tensor/creation.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { MulDims } from "../../tensor/types/arithmetic.ts";
import { typeText, type DType, type Shape } from "../../types/index.ts";
import type { WidthCheck, WithWidth } from "../types.ts";
import { elmanRelu, elmanTanh, gatedUnit, longShortTerm, type Recurrence, type State } from "./cells.ts";
import { recurrent, weightsOf, type RecurrentOptions } from "./layers.ts";

export type { RecurrentOptions } from "./layers.ts";

/** Width of the outputs of both directions, side by side. */
type Width<O extends RecurrentOptions, H extends number> = O["bidirectional"] extends true ? MulDims<H, 2> : H;
/** Options of a layer whose outputs have the width of its hidden state. */
interface Known { readonly bidirectional?: boolean }

/** `x` and an initial state to the outputs of all steps and the last state: `const [ys, h] = rnn(x)`. */
export interface RnnMap<I extends number, O extends number | string> {
  <S extends Shape, D extends DType>(x: Tensor<S, D> & WidthCheck<S, I>, h0?: Tensor<Shape, D>): readonly [output: Tensor<WithWidth<S, O>, D>, h: Tensor<Shape, D>];
}
/** As {@link RnnMap}, with a state of two parts: `const [ys, [h, c]] = lstm(x, [h0, c0])`. */
export interface LstmMap<I extends number, O extends number | string> {
  <S extends Shape, D extends DType>(x: Tensor<S, D> & WidthCheck<S, I>, initial?: readonly [h0: Tensor<Shape, D>, c0: Tensor<Shape, D>]):
    readonly [output: Tensor<WithWidth<S, O>, D>, state: readonly [h: Tensor<Shape, D>, c: Tensor<Shape, D>]];
}

export interface RnnOptions extends RecurrentOptions {
  /** `tanh` unless given. */
  readonly nonlinearity?: "tanh" | "relu";
}
export interface LstmOptions extends RecurrentOptions {
  /** Width that `h` is projected to in each step, smaller than the hidden size; none unless given. */
  readonly projSize?: number;
}

/**
 * Elman network over time: `h' = tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh)`, or with relu. One artifact serves any number
 * of steps, which may be symbolic.
 *
 * - `x`: `[T, B, input]`, `[B, T, input]` with `batchFirst`, or `[T, input]`.
 * - `h0`: `[layers · directions, B, hidden]` (without B where `x` has none); zeros unless given.
 * - Gives `[output, h]`: the last layer's `h` of all steps, `[T, B, directions · hidden]`, and the last `h` of all layers.
 *
 * Parameters as PyTorch's, from U(±1/sqrt(hidden)): `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, then
 * `…_l0_reverse`, `…_l1`, …  PyTorch: `nn.RNN`.
 */
export function rnn<const I extends number, const H extends number, const O extends RnnOptions = {}>(inputSize: I, hiddenSize: H, options?: O): Layer<RnnMap<I, Width<O & Known, H>>, Float>;
export function rnn(inputSize: number, hiddenSize: number, options: RnnOptions = {}): Layer<unknown, Float> {
  return oneState(elmanOf(options.nonlinearity), inputSize, hiddenSize, options);
}

/**
 * Gated recurrent units over time: with gates `r`, `z` and the candidate `n = tanh(W_in x + b_in + r·(W_hn h + b_hn))`,
 * `h' = (1 - z)·n + z·h` (Cho et al. 2014). Shapes, states and parameter names as of {@link rnn}; the rows of the weights
 * are those of r, z, n. PyTorch: `nn.GRU`.
 */
export function gru<const I extends number, const H extends number, const O extends RecurrentOptions = {}>(inputSize: I, hiddenSize: H, options?: O): Layer<RnnMap<I, Width<O & Known, H>>, Float>;
export function gru(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}): Layer<unknown, Float> {
  return oneState(gatedUnit, inputSize, hiddenSize, options);
}

/** A layer whose state is `h` alone. */
const oneState = (recurrence: Recurrence, input: number, hidden: number, options: RecurrentOptions): Layer<unknown, Float> => (scope) => {
  const run = recurrent(scope, recurrence, { input, hidden, output: hidden }, options);
  return (x: Tensor, h0?: Tensor) => {
    const { output, last: [h] } = run(x, h0 && [h0]);
    return [output, h] as const;
  };
};

/**
 * Long short-term memory over time: `c' = f·c + i·tanh(g)`, `h' = o·tanh(c')`, with gates i, f, o by sigmoid (Hochreiter &
 * Schmidhuber 1997). Shapes and parameter names as of {@link rnn}, except that the state is `[h, c]`; the rows of the
 * weights are those of i, f, g, o. With `projSize`, `h` is `W_hr h'` (parameters `weight_hr_l0`, …). PyTorch: `nn.LSTM`.
 */
export function lstm<const I extends number, const H extends number, const O extends LstmOptions = {}>(
  inputSize: I, hiddenSize: H, options?: O,
): Layer<LstmMap<I, Width<O & Known, O extends { readonly projSize: infer P extends number } ? P : H>>, Float>;
export function lstm(inputSize: number, hiddenSize: number, options: LstmOptions = {}): Layer<unknown, Float> {
  const { projSize } = options;
  check(projSize === undefined || (Number.isInteger(projSize) && projSize >= 1 && projSize < hiddenSize), () =>
    `lstm: projSize is ${projSize}, the hidden size ${hiddenSize}`, "a projection is to a smaller width, from 1");
  return (scope) => {
    const run = recurrent(scope, longShortTerm, { input: inputSize, hidden: hiddenSize, output: projSize ?? hiddenSize }, options);
    return (x: Tensor, initial?: readonly Tensor[]) => {
      const { output, last } = run(x, initial);
      return [output, last] as const;
    };
  };
}

export interface CellOptions {
  /** Whether there are biases; true unless given. */
  readonly bias?: boolean;
}
export interface RnnCellOptions extends CellOptions {
  /** `tanh` unless given. */
  readonly nonlinearity?: "tanh" | "relu";
}

/** One step: `[…, input]` and `h`, `[…, hidden]`, to the next `h`. */
export interface RnnCellMap<I extends number, H extends number> {
  <S extends Shape, D extends DType>(x: Tensor<S, D> & WidthCheck<S, I>, h?: Tensor<Shape, D>): Tensor<WithWidth<S, H>, D>;
}
/** One step: `[…, input]` and `[h, c]`, each `[…, hidden]`, to the next `[h, c]`. */
export interface LstmCellMap<I extends number, H extends number> {
  <S extends Shape, D extends DType>(x: Tensor<S, D> & WidthCheck<S, I>, state?: readonly [h: Tensor<Shape, D>, c: Tensor<Shape, D>]): readonly [h: Tensor<WithWidth<S, H>, D>, c: Tensor<WithWidth<S, H>, D>];
}

/**
 * One step of {@link rnn}; without a state, from zero. Parameters: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`.
 * PyTorch: `nn.RNNCell`.
 */
export function rnnCell<const I extends number, const H extends number>(inputSize: I, hiddenSize: H, options: RnnCellOptions = {}): Layer<RnnCellMap<I, H>, Float> {
  return (scope) => {
    const step = cell(elmanOf(options.nonlinearity), inputSize, hiddenSize, options)(scope);
    return ((x: Tensor, h?: Tensor) => step(x, h && [h])[0]) as RnnCellMap<I, H>;
  };
}

/** One step of {@link gru}. Parameters as of {@link rnnCell}. PyTorch: `nn.GRUCell`. */
export function gruCell<const I extends number, const H extends number>(inputSize: I, hiddenSize: H, options: CellOptions = {}): Layer<RnnCellMap<I, H>, Float> {
  return (scope) => {
    const step = cell(gatedUnit, inputSize, hiddenSize, options)(scope);
    return ((x: Tensor, h?: Tensor) => step(x, h && [h])[0]) as RnnCellMap<I, H>;
  };
}

/** One step of {@link lstm}: `const [h, c] = cell(x, [h0, c0])`. Parameters as of {@link rnnCell}. PyTorch: `nn.LSTMCell`. */
export function lstmCell<const I extends number, const H extends number>(inputSize: I, hiddenSize: H, options: CellOptions = {}): Layer<LstmCellMap<I, H>, Float> {
  return (scope) => cell(longShortTerm, inputSize, hiddenSize, options)(scope) as unknown as LstmCellMap<I, H>;
}

const cell = (recurrence: Recurrence, input: number, hidden: number, { bias = true }: CellOptions): Layer<(x: Tensor, state?: readonly Tensor[]) => State, Float> => (scope) => {
  const weights = weightsOf(scope, recurrence, { input, hidden, output: hidden }, bias, "");
  return (x, given) => {
    const shape = [...x.shape.slice(0, -1), hidden];
    const state = recurrence.states.map((name, i) => {
      const s = given?.[i];
      if (s) check(s.dtype === x.dtype && s.rank === shape.length && s.shape.every((d, k) => d === shape[k]), () =>
        `${recurrence.name}Cell of ${typeText(x.value.type)}: the state ${name[0]} is ${typeText(s.value.type)}; it must be ${typeText({ dtype: x.dtype, shape })}`);
      return s ?? zeros(shape, x.dtype);
    });
    return recurrence.step(recurrence.project(x, weights), state as unknown as State, weights);
  };
};

function elmanOf(nonlinearity: "tanh" | "relu" = "tanh"): Recurrence {
  check(nonlinearity === "tanh" || nonlinearity === "relu", () => `rnn: the nonlinearity is ${JSON.stringify(nonlinearity)}`, 'use "tanh" or "relu"');
  return nonlinearity === "tanh" ? elmanTanh : elmanRelu;
}
