import { simplify } from "../../../compiler/simplify/index.ts";
import { parseFunction, printFunction } from "../../../ir/text/index.ts";
import { verify } from "../../../ir/verify/index.ts";
import { golden } from "../../golden.ts";

/** Functions of a text, before and after: one file reads as a list of what a family of rules does. */
export function goldenCases(path: string, cases: Readonly<Record<string, string>>): void {
  const sections = Object.entries(cases).map(([title, text]) => {
    const before = parseFunction(text);
    const after = simplify(before);
    verify(after);
    return `// ${title}\n${printFunction(before)}// becomes\n${printFunction(after)}`;
  });
  golden(path, sections.join("\n"));
}

/** A function of one op or a few: `body` defines %y, of inputs that `inputs` declares. */
export function fn(inputs: string, ...body: readonly string[]): string {
  const last = /^(%\w+)/.exec(body[body.length - 1])![1];
  return `fn @f(${inputs}) {\n${body.map((line) => `  ${line}\n`).join("")}  return y = ${last}\n}`;
}
