import { getLibFiles, libFolderInMemoryPath } from "@ts-morph/common";
import { ts } from "ts-morph";
import { isOwnFile } from "./own.ts";

/** Files that are neither chainrule's nor of a dependency (TypeScript's own libraries count as one). */
export const isUserFile = (file: string): boolean => !isOwnFile(file) && !file.includes("/node_modules/");

/** Programs of one configuration, each made with what is unchanged of the last. */
export class Project {
  private readonly options: ts.CompilerOptions;
  private readonly configErrors: readonly ts.Diagnostic[];
  private readonly host: ts.CompilerHost;
  private readonly parsed = new Map<string, ts.SourceFile>();
  private program: ts.Program | undefined;

  constructor(options: ts.CompilerOptions, configErrors: readonly ts.Diagnostic[]) {
    this.options = options;
    this.configErrors = configErrors;
    const host = ts.createCompilerHost(options);
    const read = (file: string): string | undefined => libraries().get(file) ?? host.readFile(file);
    this.host = {
      ...host,
      // comments are half of the libraries' text, and of them all only what an error may depend on is of use
      jsDocParsingMode: ts.JSDocParsingMode.ParseForTypeErrors,
      getDefaultLibLocation: () => libFolderInMemoryPath,
      getDefaultLibFileName: (o) => `${libFolderInMemoryPath}/${ts.getDefaultLibFileName(o)}`,
      fileExists: (file) => libraries().has(file) || host.fileExists(file),
      readFile: read,
      // a file that an import of the user's did not find may be there now
      hasInvalidatedResolutions: isUserFile,
      getSourceFile: (file, language) => this.sourceFile(file, language, read),
    };
  }

  programOf(files: readonly string[]): { readonly program: ts.Program; readonly configErrors: readonly ts.Diagnostic[] } {
    this.program = ts.createProgram({ rootNames: files, options: this.options, host: this.host, oldProgram: this.program });
    return { program: this.program, configErrors: this.configErrors };
  }

  /** Libraries stay as they were read first; a file of the user's is read again, and parsed where it has changed. */
  private sourceFile(file: string, language: ts.ScriptTarget | ts.CreateSourceFileOptions, read: (file: string) => string | undefined): ts.SourceFile | undefined {
    const known = this.parsed.get(file);
    if (known && !isUserFile(file)) return known;
    const text = read(file);
    if (text === undefined || known?.text === text) return text === undefined ? undefined : known;
    const source = ts.createSourceFile(file, text, language);
    this.parsed.set(file, source);
    return source;
  }
}

let texts: ReadonlyMap<string, string> | undefined;

/** TypeScript's own libraries, which come with the compiler as text: a project need not have them installed. */
const libraries = (): ReadonlyMap<string, string> => (texts ??= new Map(getLibFiles().map(({ fileName, text }) => [`${libFolderInMemoryPath}/${fileName}`, text])));
