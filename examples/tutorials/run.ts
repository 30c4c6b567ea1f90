/** Runs every tutorial, one after another. Build their models first: `npm run tutorials` does both. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const tutorials = ["sweep", "descent", "quadratic", "net", "autograd", "doubling", "indexing", "regression"];

const figures: string[] = [];
for (const name of tutorials) {
  console.log(`\n── ${name}`);
  const { summary } = (await import(`./${name}.ts`)) as { summary: string };
  figures.push(`${name.padEnd(11)} ${summary}`);
}

const dist = fileURLToPath(new URL("./dist/", import.meta.url));
const plots = readdirSync(dist).filter((file) => file.endsWith(".svg"));
console.log(`\n── figures\n${figures.join("\n")}\n\n── plots\n${plots.map((file) => dist + file).join("\n")}`);
