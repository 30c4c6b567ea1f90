import type { Value } from "../../ir/graph/index.ts";
import { byteSize, dims, sizeOf } from "../../ir/types/index.ts";

/** What each symbol counts for where sizes are compared. */
const typicalSize = 64;

/** A kernel or step to be put in order. */
export interface Task<T> {
  readonly of: T;
  /** What must run before it. */
  readonly before: ReadonlySet<T>;
  /** Values that it reads from memory and that others have stored there. */
  readonly reads: readonly Value[];
  /** Values that it stores, without those that have a place outside the arena (new values of variables). */
  readonly stores: readonly Value[];
}

/**
 * An order in which tasks can run: as they are given, except that one which frees at least as much memory as it takes
 * runs as soon as it can. So the gradient of a weight goes into the weight as soon as nobody reads the old one, and what it
 * was made of is not kept to the end. `kept` are values that are never freed. `given` is an order that can run itself.
 *
 * Greedy list scheduling by memory, as in Sethi & Ullman's register allocation; it never takes more than the given order
 * does at any point, but for what a task needs while it runs.
 */
export function inOrder<T>(given: readonly Task<T>[], kept: ReadonlySet<Value>): T[] {
  const readers = new Map<Value, number>();
  for (const task of given) for (const v of new Set(task.reads)) readers.set(v, (readers.get(v) ?? 0) + 1);
  const growth = (task: Task<T>): number =>
    total(task.stores) - total([...new Set(task.reads)].filter((v) => readers.get(v) === 1 && !kept.has(v)));

  const waiting = [...given], done = new Set<T>(), order: T[] = [];
  while (waiting.length > 0) {
    const ready = (task: Task<T>): boolean => [...task.before].every((b) => done.has(b));
    const next = Math.max(0, waiting.findIndex((task) => ready(task) && growth(task) <= 0));
    const [task] = waiting.splice(next, 1);
    for (const v of new Set(task.reads)) readers.set(v, readers.get(v)! - 1);
    done.add(task.of);
    order.push(task.of);
  }
  return order;
}

const total = (values: readonly Value[]): number => values.reduce((sum, v) => sum + bytesOf(v), 0);

function bytesOf({ type }: Value): number {
  const binding = Object.fromEntries(type.shape.flatMap(dims.symbolsOf).map((s) => [s, typicalSize]));
  return dims.evaluate(sizeOf(type), binding) * byteSize[type.dtype];
}
