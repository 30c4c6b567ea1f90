import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { coverageText } from "./table.ts";

/** npm run coverage: writes COVERAGE.md, what of the peers' vocabulary is here. */
const file = fileURLToPath(new URL("COVERAGE.md", import.meta.url));
writeFileSync(file, coverageText());
console.log(coverageText().split("\n").filter((line) => line.startsWith("## ") || line.startsWith("| ")).join("\n"));
console.log(`\nwritten to ${file}`);
