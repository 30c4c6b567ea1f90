import { dirname } from "node:path";
import { ts } from "ts-morph";
import type { Diagnostic, Span } from "./diagnostic.ts";
import { explainShapes } from "./explain.ts";
import { isOwnFile, ownTypes } from "./own.ts";
import { isUserFile, Project } from "./project.ts";

/** What a model is checked with where there is no tsconfig.json. */
const defaultOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  types: ["*"],
  strict: true,
  allowImportingTsExtensions: true,
};

/**
 * What holds whatever a tsconfig.json says. Modules are resolved as they will be run, bundled; nothing is emitted;
 * libraries are not the user's to repair; a tsconfig.json written for TypeScript 5 will do.
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
    const { program, configErrors } = this.project(config, files[0], read?.config).programOf(files);
    const found: ts.Diagnostic[] = [...configErrors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
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

  private project(config: string, anyFile: string, json: unknown): Project {
    const text = config === "" ? "" : ts.sys.readFile(config) ?? "";
    const known = this.projects.get(config);
    if (known?.text === text) return known.project;
    const parsed = config === "" ? undefined : ts.parseJsonConfigFileContent(json, ts.sys, dirname(config), forcedOptions, config);
    const options = parsed?.options ?? { ...defaultOptions, ...forcedOptions };
    const project = new Project({ ...options, ...ownPackagePaths(options, anyFile) }, parsed?.errors ?? []);
    this.projects.set(config, { project, text });
    return project;
  }
}

/** "No inputs were found": which files a tsconfig.json includes does not matter here, they are named. */
const aboutInputs: ReadonlySet<number> = new Set([18002, 18003]);

/** Lets `import … from "chainrule"` find this package where the user's project does not have it installed. */
function ownPackagePaths(options: ts.CompilerOptions, from: string): ts.CompilerOptions {
  const missing = Object.entries(ownTypes).filter(([name]) => !ts.resolveModuleName(name, from, options, ts.sys).resolvedModule);
  return missing.length === 0 ? {} : { paths: { ...options.paths, ...Object.fromEntries(missing.map(([name, file]) => [name, [file]])) } };
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
