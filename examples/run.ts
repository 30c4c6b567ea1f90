/** Builds the model of an example and runs its program: `npm run example iris`. */
import { existsSync, readdirSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url)), command = fileURLToPath(new URL("../dist/compiler/cli/main.js", import.meta.url));
const examples = readdirSync(here).filter((name) => existsSync(`${here}${name}/train.ts`));
const [name] = process.argv.slice(2);

if (name === undefined || !examples.includes(name)) {
  console.error(`${name === undefined ? "which example" : `there is no example "${name}"`}? npm run example ${examples.join("|")}`);
  process.exit(1);
}
const built = spawnSync(process.execPath, [command, "build", `${here}${name}/${name}.model.ts`, "--out", `${here}${name}/dist`], { stdio: "inherit" });
if (built.status !== 0) process.exit(built.status ?? 1);
await import(`./${name}/train.ts`);
