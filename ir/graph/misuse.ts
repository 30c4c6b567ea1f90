import { GraphError } from "./error.ts";
import { frameOf, isOwn, withLocation } from "./location.ts";

/**
 * Arguments that the types forbid and JavaScript lets through (null, a missing one, a string for a shape) end as a TypeError
 * somewhere inside. At the edges, where the user's code calls ours, it becomes the GraphError that it means.
 */

const advice = "check the kinds and the order of its arguments; undefined is often one that is missing";

/** Whether an error is of JavaScript's own, as wrong arguments cause; not a stack that is too deep. */
const isMisuse = (e: unknown): e is Error => (e instanceof TypeError || e instanceof RangeError) && !/call stack/.test(e.message);

/** Runs the user's code: what our functions throw in it because of their arguments names the function and the user's line. */
export function explaining<T>(body: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 40; // from deep inside to the user's line
  try {
    return body();
  } catch (e) {
    throw explained(e);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** An error of ours that wrong arguments caused, as the GraphError that it means, with the function that the user called and where; any other as it is. */
export function explained(e: unknown): unknown {
  const called = isMisuse(e) ? calledFrom(e.stack ?? "") : undefined;
  if (!called) return e;
  return withLocation(called.at, () => Object.assign(new GraphError(`${called.name} cannot use what it is given: ${(e as Error).message}`, advice), { cause: e }));
}

/** Our function that the user's code called, and where; undefined where the error is of the user's own code. */
function calledFrom(stack: string): { name: string; at: ReturnType<typeof frameOf> } | undefined {
  let name: string | undefined;
  for (const line of stack.split("\n")) {
    const url = /[\s(]((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):\d+:\d+\)?$/.exec(line)?.[1];
    if (url === undefined) continue;
    const at = frameOf(line);
    if (at) return name === undefined ? undefined : { name, at };
    if (isOwn(url)) name = /^\s+at (?:new )?(?:[\w$<>]+\.)*([\w$]+)(?: \[as ([\w$]+)\])? \(/.exec(line)?.[1] ?? name ?? "a function";
  }
  return undefined;
}

let isInside = false;

/** Runs one of our functions on the user's arguments, `text` saying which they are. Of calls inside one another the outermost is named. */
export function explainingCall<T>(name: string, text: () => string, expected: () => string, body: () => T): T {
  if (isInside) return body();
  isInside = true;
  try {
    return body();
  } catch (e) {
    if (!isMisuse(e)) throw e;
    throw Object.assign(new GraphError(`${name} cannot use what it is given: ${text()}`, `it takes ${expected()}; ${advice} (${e.message})`), { cause: e });
  } finally {
    isInside = false;
  }
}
