import { nn, type Tensor } from "chainrule";
import type { Arguments } from "../arguments.ts";
import type { ModuleTable } from "./row.ts";

const sizes = (a: Arguments): [input: number, hidden: number] => [a.number("input_size"), a.number("hidden_size")];

const options = (a: Arguments) => ({
  numLayers: a.number("num_layers", 1), bias: a.bool("bias", true), batchFirst: a.bool("batch_first", false), dropout: a.number("dropout", 0), bidirectional: a.bool("bidirectional", false),
});

const nonlinearity = (a: Arguments) => ({ nonlinearity: a.text("nonlinearity", "tanh") as "tanh" | "relu" });

/** `(h, c)`, or nothing. */
const pairOr = (a: Arguments): readonly [Tensor, Tensor] | undefined => (a.has("hx") ? (a.tensors("hx") as [Tensor, Tensor]) : undefined);

export const recurrentModules: ModuleTable = {
  "torch.nn.RNN": { signature: "input hx", call: (k, make, a) => make(nn.rnn(...sizes(k), { ...options(k), ...nonlinearity(k) }))(a.tensor("input"), a.tensorOr("hx")) },
  "torch.nn.GRU": { signature: "input hx", call: (k, make, a) => make(nn.gru(...sizes(k), options(k)))(a.tensor("input"), a.tensorOr("hx")) },
  "torch.nn.LSTM": {
    signature: "input hx",
    call(k, make, a) {
      const projSize = k.number("proj_size", 0);
      const [output, state] = make(nn.lstm(...sizes(k), { ...options(k), ...(projSize > 0 && { projSize }) }))(a.tensor("input"), pairOr(a));
      return [output, ...state];
    },
  },
  "torch.nn.RNNCell": { signature: "input hx", call: (k, make, a) => [make(nn.rnnCell(...sizes(k), { bias: k.bool("bias", true), ...nonlinearity(k) }))(a.tensor("input"), a.tensorOr("hx"))] },
  "torch.nn.GRUCell": { signature: "input hx", call: (k, make, a) => [make(nn.gruCell(...sizes(k), { bias: k.bool("bias", true) }))(a.tensor("input"), a.tensorOr("hx"))] },
  "torch.nn.LSTMCell": { signature: "input hx", call: (k, make, a) => make(nn.lstmCell(...sizes(k), { bias: k.bool("bias", true) }))(a.tensor("input"), pairOr(a)) },
};
