import { readFileSync } from "node:fs";
import { ts } from "ts-morph";
import type { SourceLocation } from "../../ir/graph/index.ts";
import type { Span } from "./diagnostic.ts";

/**
 * What to underline for a position of a stack trace. A trace points at the name called; the mistake is the call,
 * arguments included: `x.matmul(w)` reports the `m`, and `matmul(w)` is underlined. Never past the end of the line.
 */
export function underline({ file, line, column }: SourceLocation): Span {
  const point: Span = { file, line, column, length: 1 };
  let text: string;
  try { text = readFileSync(file, "utf8"); } catch { return point; }
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const starts = source.getLineStarts();
  const start = starts[line - 1] + column - 1;
  if (line > starts.length || !(start < text.length)) return point;
  const lineEnd = starts[line - 1] + text.slice(starts[line - 1]).search(/\r?\n|$/);
  return { ...point, length: Math.max(1, Math.min(endOfCall(source, start), lineEnd) - start) };
}

/** End of the outermost call or `new` whose callee's name is at `start`, else of the token there. */
function endOfCall(source: ts.SourceFile, start: number): number {
  let node = tokenAt(source, start);
  const token = node;
  while (node.parent && !ts.isCallOrNewExpression(node) && nameStart(node.parent, source) === start) node = node.parent;
  return (ts.isCallOrNewExpression(node) ? node : token).getEnd();
}

/** Where the name of an expression begins: `b` of `a.b`, and of `a.b(c)`. */
function nameStart(node: ts.Node, source: ts.SourceFile): number {
  if (ts.isCallExpression(node)) return nameStart(node.expression, source);
  if (ts.isPropertyAccessExpression(node)) return node.name.getStart(source);
  return node.getStart(source);
}

function tokenAt(source: ts.SourceFile, position: number): ts.Node {
  let node: ts.Node = source;
  for (;;) {
    const inner: ts.Node | undefined = node.getChildren(source).find((child) => child.getStart(source) <= position && position < child.getEnd());
    if (!inner) return node;
    node = inner;
  }
}
