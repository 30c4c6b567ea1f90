import type { Task } from "./workload.ts";

/** What is timed: one call of a workload, as a contender runs it. */
export interface Job {
  /**
   * One call, as a program makes it: ends with the elements of the workload's output in a typed array or, for a single
   * number, as that number. A training step also changes the weights.
   */
  call(): Result | Promise<Result>;
  /** Sets the weights, and what the optimizer knows, to where they were at first. Only where calls change them. */
  reset?(): void | Promise<void>;
}

export type Result = number | ArrayLike<number>;

/** A library that workloads are run with. Rejects, saying why, where it cannot do one. */
export type Contender = (task: Task) => Promise<Job>;

/** What a module of a contender exports. Its argument is what the table of contenders says. */
export interface ContenderModule { readonly create: (options: Readonly<Record<string, unknown>>) => Promise<Contender> }

/** Thrown where a contender has no way to do a workload, rather than failing at it. */
export class Unavailable extends Error {}
