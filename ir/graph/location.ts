/**
 * Where in the user's program an op was written: the first stack frame outside chainrule itself.
 *
 * Works on whatever the engine's stack trace shows, so source-mapped TypeScript gives TypeScript lines.
 */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Folder of this package's own code (`…/ir/`, `…/compiler/`): frames inside it are ours, not the user's. */
const ownRoot = new URL("../../", import.meta.url).href;
const ownFolders = ["ir/", "compiler/", "runtime/"].map((f) => ownRoot + f);
/** Whether a file is of chainrule itself. */
export const isOwn = (url: string): boolean => ownFolders.some((f) => url.startsWith(f) || url.startsWith(f.replace("file://", "")));

let override: SourceLocation | undefined;

/** Runs `body` with every op attributed to `at`: what a compiler pass does for ops it derives from another. */
export function withLocation<T>(at: SourceLocation | undefined, body: () => T): T {
  const before = override;
  override = at ?? before;
  try { return body(); } finally { override = before; }
}

export function currentLocation(): SourceLocation | undefined {
  if (override) return override;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 24;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  return userFrames(stack).next().value ?? undefined;
}

/** The user's frames of a stack trace, innermost first: those outside chainrule, Node and dependencies. */
export function* userFrames(stack: string): Generator<SourceLocation, undefined> {
  for (const line of stack.split("\n")) {
    const at = frameOf(line);
    if (at) yield at;
  }
  return undefined;
}

/** The place that a line of a stack trace names, where it is the user's. */
export function frameOf(line: string): SourceLocation | undefined {
  const m = /[\s(]((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/.exec(line);
  if (!m || isOwn(m[1]) || m[1].includes("/node_modules/")) return undefined;
  const at = { file: m[1].replace(/^file:\/\//, "").replace(/\?.*$/, ""), line: Number(m[2]), column: Number(m[3]) };
  return toSource?.(at) ?? at;
}

let toSource: ((at: SourceLocation) => SourceLocation | undefined) | undefined;

/**
 * Says where generated code came from: whoever runs code that it made itself of the user's files (and so has its
 * source maps) gives a function from a place in that code to the place in the user's file, undefined for others.
 */
export function setSourceMapper(map: (at: SourceLocation) => SourceLocation | undefined): void {
  toSource = map;
}

/** `digits.model.ts:8`, as comments in the IR and in generated code name a line. */
export function locationText(at: SourceLocation | undefined): string {
  return at ? `${at.file.slice(at.file.lastIndexOf("/") + 1)}:${at.line}` : "";
}
