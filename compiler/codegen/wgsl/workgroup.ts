import type { Reducer } from "../../../ir/ops/index.ts";
import type { MathType } from "../../../ir/types/index.ts";
import { sharedFold, sharedPlace, type SharedFold } from "./library/folds.ts";

/** What the invocations of a workgroup do together: the memory they share, functions of the kernel's own, and what those that have a row together fold over all of them. */
export class Workgroup {
  private readonly memory = new Map<string, string>();
  private readonly functions = new Map<string, string>();
  private readonly shared = new Map<string, SharedFold>();

  /** Declarations, then functions. */
  print(): string[] { return [...this.memory.values(), ...this.functions.values()]; }

  /** Memory shared by the workgroup. */
  array(name: string, type: string, length: number | string): string {
    this.memory.set(name, `var<workgroup> ${name}: array<${type}, ${length}>;`);
    return name;
  }

  /** A function of the kernel's own. */
  define(name: string, text: string): void { this.functions.set(name, text); }

  /** What is folded over all invocations that have a row together, by function. */
  get folds(): readonly SharedFold[] { return [...this.shared.values()]; }

  /** The name of a function that folds a value over them, in an order that is always the same. */
  combine(reducer: Reducer, dtype: MathType): string { return this.use(sharedFold(reducer, dtype)); }

  /** … that finds where the best of all values is, from the bits and the index of each invocation's best. */
  combinePlace(reducer: "max" | "min", dtype: MathType): string { return this.use(sharedPlace(reducer, dtype)); }

  private use(fold: SharedFold): string {
    this.shared.set(fold.name, fold);
    return `combine_${fold.name}`;
  }
}
