import { Unsupported } from "../../outcome.ts";
import type { Arguments } from "../arguments.ts";
import { row, type Row, type Table } from "../row.ts";

/** Dropout where it drops nothing, or everything: what else it does is random, and another generator's. */
const dropout: Row = row("input p training inplace", (a) => {
  const x = a.tensor("input"), p = a.number("p", 0.5);
  if (!isTraining(a) || p === 0) return x;
  if (p === 1) return x.mul(0);
  throw new Unsupported(`${a.op} that is random`);
});

/** Randomized leaky ReLU outside of training: the mean slope. */
const rrelu: Row = row("input lower upper training inplace", (a) => {
  const lower = a.number("lower", 1 / 8), upper = a.number("upper", 1 / 3);
  if (a.bool("training", false)) throw new Unsupported(`${a.op} that is random`);
  return a.tensor("input").leakyRelu((lower + upper) / 2);
});

/** Dropout alone trains unless told otherwise. */
const isTraining = (a: Arguments): boolean => a.bool("training", true);

export const dropouts: Table = { dropout, dropout1d: dropout, dropout2d: dropout, dropout3d: dropout, feature_dropout: dropout, rrelu };
