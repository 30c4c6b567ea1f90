import { readFileSync } from "node:fs";
import { relative } from "node:path";
import pc from "picocolors";
import type { Diagnostic, Span } from "./diagnostic.ts";

export interface ShowOptions {
  /** File names are shown relative to it. */
  readonly cwd: string;
  readonly color: boolean;
}

/**
 * Diagnostics as `tsc --pretty` shows its own: file, line and column, the message, the line of code with the mistake
 * underlined, what to do; then a count. Ends with a newline; nothing for no diagnostics.
 */
export function showDiagnostics(diagnostics: readonly Diagnostic[], options: ShowOptions): string {
  if (diagnostics.length === 0) return "";
  const style = pc.createColors(options.color);
  const place = ({ file, line, column }: Span): string =>
    `${style.cyan(shownPath(file, options.cwd))}:${style.yellow(String(line))}:${style.yellow(String(column))}`;

  const blocks = diagnostics.map(({ code, message, span, advice, related }) => {
    const head = `${span ? `${place(span)} - ` : ""}${style.red("error")} ${style.gray(`${code}:`)} ${message}`;
    const parts = [head];
    if (span) parts.push(frame(span, "", style, style.red));
    if (advice) parts.push(indent(advice, "  "));
    for (const r of related ?? []) parts.push(`  ${place(r.span)}\n${frame(r.span, "    ", style, style.cyan)}\n    ${indent(r.message, "    ").trimStart()}`);
    return parts.filter((part) => part !== "").join("\n\n");
  });
  return `${blocks.join("\n\n")}\n\n${summary(diagnostics, options.cwd)}\n`;
}

type Style = ReturnType<typeof pc.createColors>;

/** The line of code with its number, and the underline below it; nothing where the file cannot be read. */
function frame({ file, line, column, length }: Span, margin: string, style: Style, paint: (text: string) => string): string {
  let code: string | undefined;
  try { code = readFileSync(file, "utf8").split(/\r?\n/)[line - 1]; } catch { return ""; }
  if (code === undefined) return "";
  const gutter = String(line).length;
  const width = Math.max(1, Math.min(length, code.length - column + 1));
  const shown = code.replaceAll("\t", " ").trimEnd();
  return `${margin}${style.inverse(String(line))} ${shown}\n${margin}${style.inverse(" ".repeat(gutter))} ${" ".repeat(column - 1)}${paint("~".repeat(width))}`;
}

function summary(diagnostics: readonly Diagnostic[], cwd: string): string {
  const firstOf = new Map<string, Span>();
  for (const { span } of diagnostics) if (span && !firstOf.has(span.file)) firstOf.set(span.file, span);
  const places = [...firstOf.values()].map((span) => `${shownPath(span.file, cwd)}:${span.line}`);
  const count = diagnostics.length === 1 ? "Found 1 error" : `Found ${diagnostics.length} errors`;
  if (places.length === 0) return `${count}.`;
  if (places.length > 1) return `${count} in ${places.length} files: ${places.join(", ")}`;
  return diagnostics.length === 1 ? `${count} in ${places[0]}` : `${count} in the same file, starting at ${places[0]}`;
}

/** A path as a reader under `cwd` would write it. */
export function shownPath(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return short === "" || short.startsWith("../../..") ? file : short;
}

const indent = (text: string, by: string): string => text.split("\n").map((line) => by + line).join("\n");
