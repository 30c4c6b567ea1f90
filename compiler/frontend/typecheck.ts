import { dirname } from "node:path";
import { Project, ts } from "ts-morph";
import type { Diagnostic, Span } from "./diagnostic.ts";
import { explainShapes } from "./explain.ts";
import { isOwnFile, ownTypes } from "./own.ts";

/** What a model is checked with where there is no tsconfig.json. */
const defaultOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  types: ["*"],
  strict: true,
  allowImportingTsExtensions: true,
};

/**
 * What holds whatever a tsconfig.json says. Modules are resolved as they will be run, bundled (and a ts-morph program
 * does not tell ES modules from CommonJS under NodeNext); nothing is emitted; libraries are not the user's to
 * repair; a tsconfig.json written for TypeScript 5 will do.
 */
const forcedOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true, declaration: false, composite: false, incremental: false,
  skipLibCheck: true,
  ignoreDeprecations: "6.0",
};

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** The user's files that were looked at: the given ones, what they import, and tsconfig.json. */
  readonly sources: readonly string[];
}

/**
 * Type-checks model files with the nearest tsconfig.json above each. Keeps its programs, so that checking again
 * after a change costs only what changed.
 */
export class TypeChecker {
  /** By the path of the tsconfig.json (`""` where there is none), each with the text it was made for. */
  private readonly projects = new Map<string, { readonly project: Project; readonly text: string }>();

  /** Errors in the given files and in what they import, dependencies and chainrule itself apart. */
  check(files: readonly string[]): Checked {
    const groups = new Map<string, string[]>();
    for (const file of files) {
      const config = ts.findConfigFile(dirname(file), ts.sys.fileExists) ?? "";
      groups.set(config, [...(groups.get(config) ?? []), file]);
    }
    const checked = [...groups].map(([config, group]) => this.checkGroup(config, group));
    return { diagnostics: checked.flatMap((c) => c.diagnostics), sources: [...new Set(checked.flatMap((c) => c.sources))] };
  }

  private checkGroup(config: string, files: readonly string[]): Checked {
    const read = config === "" ? undefined : ts.readConfigFile(config, ts.sys.readFile);
    if (read?.error) return { diagnostics: [ofTypeScript(read.error)], sources: [...files, config] };
    const project = this.project(config, files[0]);
    for (const file of files) project.addSourceFileAtPath(file);
    const program = project.getProgram().compilerObject;
    const found: ts.Diagnostic[] = [...program.getConfigFileParsingDiagnostics(), ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
      .filter(({ code }) => !aboutInputs.has(code));
    const sources = program.getSourceFiles().filter((s) => isUserFile(s.fileName));
    for (const source of sources) {
      const syntax = program.getSyntacticDiagnostics(source);
      // what follows a syntax error is noise
      found.push(...(syntax.length > 0 ? syntax : program.getSemanticDiagnostics(source)));
    }
    const errors = ts.sortAndDeduplicateDiagnostics(found).filter((d) => d.category === ts.DiagnosticCategory.Error);
    return { diagnostics: errors.map(ofTypeScript), sources: [...sources.map((s) => s.fileName), ...(config === "" ? [] : [config])] };
  }

  private project(config: string, anyFile: string): Project {
    const text = config === "" ? "" : ts.sys.readFile(config) ?? "";
    const known = this.projects.get(config);
    if (known?.text === text) {
      forgetUserFiles(known.project);
      return known.project;
    }
    const project = config === ""
      ? new Project({ compilerOptions: { ...defaultOptions, ...forcedOptions } })
      : new Project({ tsConfigFilePath: config, skipAddingFilesFromTsConfig: true, compilerOptions: forcedOptions });
    resolveOwnPackage(project, anyFile);
    this.projects.set(config, { project, text });
    return project;
  }
}

/** "No inputs were found": which files a tsconfig.json includes does not matter here, they are named. */
const aboutInputs: ReadonlySet<number> = new Set([18002, 18003]);

/** Files that are neither chainrule's nor of a dependency (TypeScript's own libraries count as one). */
const isUserFile = (file: string): boolean => !isOwnFile(file) && !file.includes("/node_modules/");

/**
 * Libraries stay; what may have changed is read again, and what is no longer asked for is gone. By the files of the
 * program: a project does not list those that are only imported, but keeps their text.
 */
function forgetUserFiles(project: Project): void {
  for (const { fileName } of project.getProgram().compilerObject.getSourceFiles()) {
    const source = isUserFile(fileName) ? project.getSourceFile(fileName) : undefined;
    if (source) project.removeSourceFile(source);
  }
}

/** Lets `import … from "chainrule"` find this package where the user's project does not have it installed. */
function resolveOwnPackage(project: Project, from: string): void {
  const options = project.getCompilerOptions();
  const missing = Object.entries(ownTypes).filter(([name]) => !ts.resolveModuleName(name, from, options, ts.sys).resolvedModule);
  if (missing.length === 0) return;
  project.compilerOptions.set({ paths: { ...options.paths, ...Object.fromEntries(missing.map(([name, file]) => [name, [file]])) } });
}

function ofTypeScript(d: ts.Diagnostic): Diagnostic {
  const span = spanOf(d);
  const related = (d.relatedInformation ?? []).flatMap((r) => {
    const at = spanOf(r);
    return at && !at.file.includes("/node_modules/") && !isOwnFile(at.file) ? [{ span: at, message: ts.flattenDiagnosticMessageText(r.messageText, "\n") }] : [];
  });
  const message = ts.flattenDiagnosticMessageText(d.messageText, "\n");
  return {
    code: `TS${d.code}`,
    ...(explainShapes(message) ?? { message }),
    ...(span && { span }),
    ...(related.length > 0 && { related }),
  };
}

function spanOf(d: ts.DiagnosticRelatedInformation): Span | undefined {
  if (!d.file || d.start === undefined) return undefined;
  const { line, character } = d.file.getLineAndCharacterOfPosition(d.start);
  return { file: d.file.fileName, line: line + 1, column: character + 1, length: d.length ?? 1 };
}
