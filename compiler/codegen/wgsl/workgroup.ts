import type { Reducer } from "../../../ir/ops/index.ts";
import type { MathType } from "../../../ir/types/index.ts";
import { beats, combined } from "./statement.ts";
import { storedType, valueType } from "./types.ts";

/** Half a size, which may have a name. */
const half = (size: number | string): string => (typeof size === "number" ? `${size / 2}u` : `${size} / 2u`);

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1);

/** What the invocations of a workgroup do together: the memory they share, and the functions that combine over all of them. */
export class Workgroup {
  readonly size: number | string;
  private readonly memory = new Map<string, string>();
  private readonly functions = new Map<string, string>();

  constructor(size: number | string) { this.size = size; }

  /** Declarations, then functions. */
  print(): string[] { return [...this.memory.values(), ...this.functions.values()]; }

  /** Memory shared by the workgroup. */
  array(name: string, type: string, length: number | string): string {
    this.memory.set(name, `var<workgroup> ${name}: array<${type}, ${length}>;`);
    return name;
  }

  /** A function of the kernel's own. */
  define(name: string, text: string): void { this.functions.set(name, text); }

  /** The name of a function that folds a value over all invocations: pairwise, in an order that is always the same. */
  combine(reducer: Reducer, dtype: MathType): string {
    const name = `combine${capital(reducer)}_${dtype}`;
    if (this.functions.has(name)) return name;
    const type = valueType[dtype], kept = storedType[dtype], shared = this.array(`shared_${kept}`, kept, this.size);
    const save = dtype === "bool" ? "select(0u, 1u, value)" : "value", load = (x: string): string => (dtype === "bool" ? `(${x} != 0u)` : x);
    const both = combined(reducer, dtype, load(`${shared}[lane]`), load(`${shared}[lane + half]`));
    this.functions.set(name, `fn ${name}(value: ${type}, lane: u32) -> ${type} {
  workgroupBarrier();
  ${shared}[lane] = ${save};
  for (var half = ${half(this.size)}; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) { ${shared}[lane] = ${dtype === "bool" ? `select(0u, 1u, ${both})` : both}; }
  }
  return ${load(`workgroupUniformLoad(&${shared}[0])`)};
}`);
    return name;
  }

  /** … that finds where the best of all values is: its index, from each invocation's best (as bits) and that one's index. */
  combineArg(reducer: "max" | "min", dtype: MathType): string {
    const name = `combineArg${capital(reducer)}_${dtype}`;
    if (this.functions.has(name)) return name;
    const best = this.array("shared_u32", "u32", this.size), at = this.array("shared_i32", "i32", this.size);
    const type = valueType[dtype];
    const value = (x: string): string => (type === "bool" ? `(${x} != 0u)` : type === "u32" ? x : `bitcast<${type}>(${x})`);
    this.functions.set(name, `fn ${name}(bits: u32, index: i32, lane: u32) -> i32 {
  workgroupBarrier();
  ${best}[lane] = bits;
  ${at}[lane] = index;
  for (var half = ${half(this.size)}; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) {
      let mine = ${value(`${best}[lane]`)};
      let other = ${value(`${best}[lane + half]`)};
      let i = ${at}[lane];
      let j = ${at}[lane + half];
      // of equals the first
      let isLater = j > i && !(${beats(reducer, dtype, "other", "mine")});
      if (j >= 0 && (i < 0 || !(isLater || ${beats(reducer, dtype, "mine", "other")}))) {
        ${best}[lane] = ${best}[lane + half];
        ${at}[lane] = j;
      }
    }
  }
  return workgroupUniformLoad(&${at}[0]);
}`);
    return name;
  }
}
