import { check, GraphError } from "../graph/error.ts";
import { locationText } from "../graph/location.ts";
import type { AnyNode, Init, Value } from "../graph/node.ts";
import { Tensor } from "../tensor/tensor.ts";
import { sameType, typeText, type TensorType } from "../types/index.ts";

/**
 * What is being traced right now: a function of a model, and inside it the bodies of control ops. It exists so that
 * a layer can read and write state (running statistics, the random key) without threading it through every call.
 *
 * A state has, at every point of a trace, a latest value: what was assigned last, or its value on entry.
 */
export interface Frame {
  readonly training: boolean;
  read(variable: Value): Value;
  write(variable: Value, value: Value): void;
  /** The model whose function is being traced. */
  readonly owner: StateOwner | undefined;
}

/** Makes state while a function is being traced: a model. */
export interface StateOwner {
  /** The variable with the model's random key, u32[2] = [seed, counter]; it comes into being when first asked for. */
  rng(): Value;
  /**
   * A state that belongs to `of` (an optimizer): made when first asked for, the same one afterwards. Throws where the
   * name is taken by someone else.
   */
  stateOf(of: object, name: string, type: TensorType, init: Init): Value;
}

let current: Frame | undefined;
export const currentFrame = (): Frame | undefined => current;

/** Runs `body` with `frame` as the place where state is read and written. */
export function within<T>(frame: Frame, body: () => T): T {
  const before = current;
  current = frame;
  try { return body(); } finally { current = before; }
}

/** The frame of a model's function: what is written here becomes the function's updates. */
export class FunctionFrame implements Frame {
  readonly training: boolean;
  readonly pending = new Map<Value, Value>();
  readonly owner: StateOwner;

  constructor(training: boolean, owner: StateOwner) {
    this.training = training;
    this.owner = owner;
  }

  read(variable: Value): Value { return this.pending.get(variable) ?? variable; }
  write(variable: Value, value: Value): void { this.pending.set(variable, value); }
}

/** Whether the function being traced is a training function: dropout drops, batch norm uses the batch. */
export const isTraining = (): boolean => current?.training ?? false;

/**
 * The latest value of a state in the function being traced: what was last assigned to it, or else its value when the
 * function is entered (which is what the tensor returned by `state` itself always stands for).
 */
export function latest<T extends Tensor>(state: T): T {
  return (current ? new Tensor(current.read(variableOf(state).outputs[0])) : state) as T;
}

/**
 * Gives a variable a new value: the function being traced writes it when it returns. Inside the body of a `scan`,
 * `whileLoop` or `cond`, the value is carried through the loop.
 * Throws where no function is being traced, and where dtype or shape differ.
 */
export function assign(state: Tensor, value: Tensor): void {
  const { attrs: { name, type }, outputs: [variable], at } = variableOf(state);
  check(current, () => `assign to "${name}" outside a function`, "call it in the body of a function of the model");
  if (!sameType(type, value.value.type))
    throw new GraphError(`assign to "${name}": it is ${typeText(type)} (${locationText(at)}), the new value is ${typeText(value.value.type)}`, "a variable keeps its dtype and shape: reshape or convert the value");
  current.write(variable, value.value);
}

/** The node of a variable. Throws for any other tensor. */
export function variableOf(x: Tensor): Extract<AnyNode, { op: "variable" }> {
  const node = x.value.node as AnyNode;
  if (node.op !== "variable") throw new GraphError(`a variable of the model is needed here; this is the result of ${node.op}, ${typeText(x.value.type)}`, "use a tensor that m.param or m.state returned");
  return node;
}
