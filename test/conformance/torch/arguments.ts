import { scalar, Tensor, type DType } from "chainrule";
import { isScalar, scalarValue, type Scalar } from "../../../ir/tensor/scalar.ts";
import { dtypeOf, type Json, type TorchDType } from "../format.ts";
import { Unsupported } from "../outcome.ts";

/** A value while a case runs: a tensor, a list of values (`torch.autograd.grad` gives one), or plain data. */
export type PyValue = Tensor | Scalar | null | string | DTypeArgument | Marked | readonly PyValue[];

/** Parts of an index list: `{"slice": …}` and `{"ellipsis": true}`. */
export type Marked = { readonly slice: readonly (number | null)[] } | { readonly ellipsis: true };
interface DTypeArgument { readonly dtype: TorchDType }
/** What names of a case refer to. */
export type Environment = ReadonlyMap<string, PyValue>;

/** Turns an argument as JSON into a value: references become tensors, marked numbers become numbers. */
export function resolve(json: Json, env: Environment): PyValue {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((x: Json) => resolve(x, env));
  const marked = json as { readonly [key: string]: Json };
  if ("ref" in marked) {
    const value = env.get(marked.ref as string);
    if (value === undefined) throw new Error(`the case refers to "${marked.ref}", which it does not have`);
    return value;
  }
  if ("float" in marked) return marked.float === "nan" ? NaN : marked.float === "inf" ? Infinity : -Infinity;
  if ("scalar" in marked) return scalar(marked.value as number | boolean, marked.scalar as "bool" | "int" | "float");
  if ("dtype" in marked || "slice" in marked || "ellipsis" in marked) return marked as unknown as PyValue;
  throw new Error(`the case has an argument of an unknown kind: ${JSON.stringify(json)}`);
}

export const isTensor = (x: PyValue | undefined): x is Tensor => x instanceof Tensor;
export type Operand = Tensor | Scalar;
export const isOperand = (x: PyValue | undefined): x is Operand => isTensor(x) || isScalar(x);

/** Parameters that change no number: where a result is kept, in which way it is found, whether it overwrites its operand. */
const withoutEffect: ReadonlySet<string> = new Set([
  "inplace", "device", "requires_grad", "layout", "pin_memory", "memory_format", "non_blocking", "copy", "out_int32", "compute_mode", "driver", "check_errors", "sparse", "assume_unique",
]);

/**
 * The arguments of one call, by the names of PyTorch's signature. A row of the op table reads those it can pass
 * on to chainrule. An argument that is given and never read makes the case unsupported, so none is ignored.
 */
export class Arguments {
  readonly op: string;
  private readonly names: readonly string[];
  private readonly given = new Map<string, PyValue>();
  private readonly read = new Set<string>();

  /**
   * `signature` lists the parameters in order; a last one written `*name` takes all remaining positional arguments. One
   * that PyTorch calls by several names is written `name|other`: a row reads it by the first. The very first is always
   * `input` and `self` as well.
   */
  constructor(op: string, signature: string, args: readonly PyValue[], kwargs: Readonly<Record<string, PyValue>>) {
    this.op = op;
    const spelled = signature.split(" ").filter((n) => n !== "").map((n) => n.split("|"));
    const names = (this.names = spelled.map(([first]) => first)), first = new Map(spelled.flatMap(([name, ...others]) => others.map((other) => [other, name])));
    for (const alias of ["input", "self"]) if (names.length > 0 && !names.includes(alias)) first.set(alias, names[0]);
    for (const [i, name] of names.entries()) {
      if (name.startsWith("*")) {
        const rest = args.slice(i);
        // `view(3, 2)` and `view([3, 2])` are the same call
        if (rest.length > 0) this.given.set(name.slice(1), rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest);
      } else if (i < args.length) this.given.set(name, args[i]);
    }
    if (args.length > names.length && !names.at(-1)?.startsWith("*")) throw new Unsupported(`${op} with ${args.length} positional arguments`);
    for (const [name, value] of Object.entries(kwargs)) this.given.set(first.get(name) ?? name, value);
    for (const [name, value] of this.given) if (value === null) this.given.delete(name);
  }

  /** The value of the first parameter. */
  first(): PyValue | undefined { return this.given.get(this.names[0]); }

  has(name: string): boolean { return this.given.has(name); }

  /** Names that are given and were not read, and whose values would change the result. */
  unread(): string[] { return [...this.given.keys()].filter((name) => !this.read.has(name) && !withoutEffect.has(name)); }

  value(name: string): PyValue | undefined {
    this.read.add(name);
    return this.given.get(name);
  }

  tensor(name: string): Tensor {
    const x = this.value(name);
    return isTensor(x) ? x : this.refuse(name, x, "a tensor");
  }
  tensorOr(name: string): Tensor | undefined { return this.has(name) ? this.tensor(name) : undefined; }

  tensors(name: string): Tensor[] {
    const x = this.value(name);
    return Array.isArray(x) && x.every(isTensor) ? x : this.refuse(name, x, "a list of tensors");
  }

  /** A tensor or a number, as chainrule's operations take one. */
  operand(name: string): Operand {
    const x = this.value(name);
    return isOperand(x) ? x : this.refuse(name, x, "a tensor or a number");
  }
  operandOr(name: string): Operand | undefined { return this.has(name) ? this.operand(name) : undefined; }

  /** A number or a bool. */
  scalar(name: string): Scalar {
    const x = this.value(name);
    return isScalar(x) ? x : this.refuse(name, x, "a number");
  }

  number(name: string): number;
  number<T>(name: string, otherwise: T): number | T;
  number<T>(name: string, ...otherwise: [T?]): number | T {
    const x = this.value(name);
    if (x === undefined && otherwise.length > 0) return otherwise[0] as T;
    return isScalar(x) && typeof x !== "boolean" ? scalarValue(x) : this.refuse(name, x, "a number");
  }

  bool(name: string, otherwise: boolean): boolean {
    const x = this.value(name);
    return x === undefined ? otherwise : typeof x === "boolean" ? x : this.refuse(name, x, "a bool");
  }

  text(name: string): string;
  text<T>(name: string, otherwise: T): string | T;
  text<T>(name: string, ...otherwise: [T?]): string | T {
    const x = this.value(name);
    if (x === undefined && otherwise.length > 0) return otherwise[0] as T;
    return typeof x === "string" ? x : this.refuse(name, x, "a string");
  }

  /** A list of whole numbers, of which one alone may stand for a list of one. */
  numbers(name: string): number[] {
    const x = this.value(name);
    if (typeof x === "number") return [x];
    return Array.isArray(x) && x.every((v) => typeof v === "number") ? (x as number[]) : this.refuse(name, x, "a list of numbers");
  }

  /** One axis, a list of axes, or undefined for all. */
  axes(name: string): number | number[] | undefined {
    if (!this.has(name)) return undefined;
    const x = this.value(name);
    return typeof x === "number" ? x : this.numbers(name);
  }

  dtype(name: string): DType {
    const x = this.value(name);
    if (typeof x === "object" && x !== null && "dtype" in x && !isTensor(x)) return dtypeOf((x as DTypeArgument).dtype);
    return this.refuse(name, x, "a dtype");
  }
  dtypeOr(name: string): DType | undefined { return this.has(name) ? this.dtype(name) : undefined; }

  private refuse(name: string, x: PyValue | undefined, want: string): never {
    const got = isTensor(x) ? "a tensor" : x === undefined ? "nothing" : JSON.stringify(x);
    throw new Unsupported(`${this.op} with ${name} = ${got} (chainrule takes ${want})`);
  }
}

/** A name of PyTorch's in the spelling of TypeScript: `weight_decay` is `weightDecay`. */
export const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
