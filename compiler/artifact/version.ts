import { existsSync, readFileSync } from "node:fs";

/** `chainrule 0.1.0`: what made an artifact. The package file is above this one, in the sources and in `dist` alike. */
export function generatorName(): string {
  for (const up of ["../../package.json", "../../../package.json"]) {
    const file = new URL(up, import.meta.url);
    if (existsSync(file)) return `chainrule ${(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version}`;
  }
  throw new Error("internal: the package file is not where it was installed");
}
