import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, resolve } from "node:path";
import { setSourceMapper, userFrames, type SourceLocation } from "../../ir/graph/index.ts";

/**
 * Source maps of the code this process generated and ran. A model's functions may run long after its file was
 * loaded (a derivative of a `custom` op), so they are kept.
 */
const maps = new Map<string, SourceMap>();
const sources = new Set<string>();

setSourceMapper(({ file, line, column }) => {
  const entry = maps.get(file)?.findEntry(line - 1, column - 1);
  if (!entry || !("originalSource" in entry)) return undefined;
  return { file: resolve(dirname(file), entry.originalSource), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
});

/** From now on, positions in the generated `file` are told as positions in its sources. */
export function addSourceMap(file: string, payload: SourceMapPayload): void {
  maps.set(file, new SourceMap(payload));
  for (const source of payload.sources) sources.add(resolve(dirname(file), source));
}

/** Whether a file is part of a model that was run. Others are whatever program runs this one. */
export const isModelSource = (file: string): boolean => sources.has(file);

/** The frames of a stack trace that are in model files, innermost first. */
export const modelFrames = (stack: string): SourceLocation[] => [...userFrames(stack)].filter(({ file }) => isModelSource(file));
