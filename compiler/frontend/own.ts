import { fileURLToPath } from "node:url";

/**
 * Where chainrule itself lies, and what its subpaths stand for. In an installed package that is `dist/` with
 * declarations; in the repository, run from source, it is TypeScript.
 */
export const runsFromSource = import.meta.url.endsWith(".ts");
const extension = runsFromSource ? ".ts" : ".d.ts";
export const ownRoot = fileURLToPath(new URL("../../", import.meta.url));
const own = (path: string): string => fileURLToPath(new URL(`../../${path}${extension}`, import.meta.url));

/** Import specifiers of this package, and the files that hold their types. */
export const ownTypes: Readonly<Record<string, string>> = {
  "chainrule": own("ir/index"),
  "chainrule/compiler": own("compiler/index"),
  "chainrule/runtime": own("runtime/index"),
};

/** The package's folder, with its sources where it is the repository: a tsconfig.json there may lead to those. */
const packageRoot = runsFromSource ? ownRoot : fileURLToPath(new URL("../../../", import.meta.url));

/** Whether a file is a part of chainrule: its mistakes would be ours, not the user's. */
export const isOwnFile = (file: string): boolean => ["ir/", "compiler/", "runtime/", "dist/"].some((folder) => file.startsWith(packageRoot + folder));
