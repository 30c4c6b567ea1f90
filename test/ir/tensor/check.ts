import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Checked {
  /** Line (from 1) and text of every mistake in the file. */
  readonly mistakes: readonly { readonly line: number; readonly text: string }[];
  /** Type instantiations that checking the file took: what `tsc --extendedDiagnostics` counts. */
  readonly instantiations: number;
}

/** Type-checks one file of the project, as the project's configuration has it; `text` stands for what is on disk. */
export function typeCheck(path: string, text?: string): Checked {
  const file = `${root}${path}`;
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { readFile, fileExists, getSourceFile } = host;
  if (text !== undefined) {
    host.fileExists = (name) => name === file || fileExists(name);
    host.readFile = (name) => (name === file ? text : readFile(name));
    host.getSourceFile = (name, version, ...rest) => (name === file ? ts.createSourceFile(name, text, version, true) : getSourceFile(name, version, ...rest));
  }
  const program = ts.createProgram([file], { ...options, noEmit: true }, host);
  const source = program.getSourceFile(file)!;
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return {
    mistakes: found.map((d) => ({ line: source.getLineAndCharacterOfPosition(d.start!).line + 1, text: ts.flattenDiagnosticMessageText(d.messageText, "\n") })),
    instantiations: (program as ts.Program & { getInstantiationCount(): number }).getInstantiationCount(),
  };
}
