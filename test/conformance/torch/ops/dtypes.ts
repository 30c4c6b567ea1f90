import { defineModel, resultType, Tensor, type DType } from "chainrule";
import { type TensorCase } from "../../format.ts";
import { readTensor } from "../../format.ts";
import { inputOf } from "../../inputs.ts";
import { Unsupported } from "../../outcome.ts";
import { isOperand, isTensor, resolve, type Operand } from "../arguments.ts";
import { row, type Table } from "../row.ts";

/** Casts. */
export const casts: Table = {
  to: row("input other", (a) => a.tensor("input").to(isTensor(a.value("other")) ? a.tensor("other") : a.dtype("other"))),
  type: row("input dtype", (a) => a.tensor("input").to(a.dtype("dtype"))),
  type_as: row("input other", (a) => a.tensor("input").typeAs(a.tensor("other"))),
  float: row("input", (a) => a.tensor("input").float()),
  double: row("input", (a) => a.tensor("input").double()),
  int: row("input", (a) => a.tensor("input").int()),
  long: row("input", (a) => a.tensor("input").int()), // int64 is read as i32
  byte: row("input", (a) => a.tensor("input").byte()),
  bool: row("input", (a) => a.tensor("input").bool()),
};

/** What `torch.result_type` says of a case's arguments: a question that is answered while the graph is built. */
export function resultTypeOf(c: TensorCase): DType {
  let answer: DType | undefined;
  defineModel("question", (m) => {
    m.fn("run", Object.fromEntries(Object.entries(c.inputs).map(([name, t]) => [name, inputOf(readTensor(t).dtype, t.shape)])), (given: Record<string, Tensor>) => {
      const operands = c.args.map((arg): Operand => {
        const x = resolve(arg, new Map(Object.entries(given)));
        if (!isOperand(x)) throw new Unsupported(`result_type of ${JSON.stringify(arg)}`);
        return x;
      });
      answer = resultType(...operands);
      return given;
    });
  });
  return answer!;
}
