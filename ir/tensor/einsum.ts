import { check, GraphError } from "../graph/error.ts";
import type { Dim } from "../types/index.ts";
import { aligned, contract, requireSameDType, sumOut, type Labelled } from "./contract.ts";
import type { Tensor } from "./core.ts";
import { listTensors, type TensorArguments } from "./join.ts";
import { describe } from "./lift.ts";

/**
 * Einstein summation, as `torch.einsum` and `numpy.einsum` write it: `einsum("ij,jk->ik", a, b)` is the product of
 * two matrices.
 *
 * A letter names an axis of each operand; axes of one letter have one size (or 1, which broadcasts), and a letter
 * that is not behind the arrow is summed over. A letter twice in one operand takes its diagonal. `...` stands for
 * axes that have no letter, aligned at the end and broadcast. Without an arrow the result has `...` and then, in
 * alphabetical order, the letters that occur once. Spaces do not count.
 *
 * Operands are contracted from left to right, two at a time. They have one dtype. PyTorch: `torch.einsum`.
 *
 * @throws GraphError on an equation that does not parse, or operands that do not fit it.
 */
export function einsum(equation: string, ...args: TensorArguments): Tensor {
  const operands = listTensors("einsum", args);
  const { inputs, output } = parseEquation(equation, operands);
  checkSizes(equation, inputs);
  for (const x of operands) requireSameDType(operands[0], x, "einsum");
  let [acc, ...rest] = inputs.map(diagonalised);
  while (rest.length > 0) {
    const [next, ...later] = rest;
    const needed = new Set([...output, ...later.flatMap((x) => x.labels)]);
    const labels = [...new Set([...acc.labels, ...next.labels])].filter((l) => needed.has(l));
    // the last product comes in the order of the result
    const order = later.length === 0 ? output : labels;
    acc = { tensor: contract(acc, next, order, `einsum "${equation}"`), labels: order };
    rest = later;
  }
  return aligned(sumOut(acc, undefined, output), output);
}

interface Equation {
  readonly inputs: Labelled[];
  readonly output: string[];
}

function parseEquation(equation: string, operands: readonly Tensor[]): Equation {
  const fail = (what: string, advice?: string): never => { throw new GraphError(`einsum "${equation}": ${what}`, advice); };
  const sides = equation.replace(/\s+/g, "").split("->");
  if (sides.length > 2) fail("it has two arrows");
  const terms = sides[0].split(",");
  if (terms.length !== operands.length || operands.length === 0) fail(`it names ${terms.length} operands, and there are ${operands.length}`);
  const inputs = terms.map((term, i): Labelled => ({ tensor: operands[i], labels: labelsOf(term, operands[i], fail) }));
  const present = new Set(inputs.flatMap((x) => x.labels));
  const rest = [...present].filter(isEllipsis).sort((a, b) => ellipsisPlace(b) - ellipsisPlace(a));
  if (sides.length === 1) {
    const all = inputs.flatMap((x) => x.labels);
    const once = [...present].filter((l) => !isEllipsis(l) && all.indexOf(l) === all.lastIndexOf(l)).sort();
    return { inputs, output: [...rest, ...once] };
  }
  const output = splitTerm(sides[1], fail).flatMap((l) => (l === "..." ? rest : [l]));
  for (const l of output) if (!present.has(l)) fail(`"${l}" is in the result, but in no operand`);
  if (new Set(output).size !== output.length) fail("a letter is twice in the result");
  return { inputs, output };
}

/** Letters and ellipsis of a term. */
function splitTerm(term: string, fail: (what: string) => never): string[] {
  const parts = term.match(/\.\.\.|[A-Za-z]|./g) ?? [];
  for (const p of parts) if (!/^(\.\.\.|[A-Za-z])$/.test(p)) fail(`"${p}" is not a letter`);
  if (parts.filter((p) => p === "...").length > 1) fail(`"${term}" has two ellipses`);
  return parts;
}

/** Labels of an operand's axes; those under the ellipsis are numbered from the end, so that operands align there. */
function labelsOf(term: string, x: Tensor, fail: (what: string) => never): string[] {
  const parts = splitTerm(term, fail), hidden = x.rank - parts.filter((p) => p !== "...").length;
  if (hidden < 0 || (hidden > 0 && !parts.includes("..."))) fail(`"${term}" does not name the ${x.rank} axes of ${describe(x)}`);
  return parts.flatMap((p) => (p === "..." ? Array.from({ length: hidden }, (_, i) => `...${hidden - i}`) : [p]));
}
const isEllipsis = (label: string): boolean => label.startsWith("...");
const ellipsisPlace = (label: string): number => Number(label.slice(3));

/** Throws unless the axes of every label have one size, or 1. */
function checkSizes(equation: string, inputs: readonly Labelled[]): void {
  const sizes = new Map<string, { size: Dim; of: Tensor }>();
  for (const { tensor, labels } of inputs)
    for (const [i, label] of labels.entries()) {
      const size = tensor.shape[i], seen = sizes.get(label);
      check(!seen || seen.size === size || seen.size === 1 || size === 1, () =>
        `einsum "${equation}": "${isEllipsis(label) ? "..." : label}" is ${seen!.size} in ${describe(seen!.of)} and ${size} in ${describe(tensor)}`);
      if (!seen || seen.size === 1) sizes.set(label, { size, of: tensor });
    }
}

/** An operand in which no label occurs twice: repeated ones are replaced by the diagonal of their axes. */
function diagonalised({ tensor, labels }: Labelled): Labelled {
  const twice = labels.find((l, i) => labels.indexOf(l) !== i);
  if (twice === undefined) return { tensor, labels };
  const [a, b] = [labels.indexOf(twice), labels.lastIndexOf(twice)];
  return diagonalised({ tensor: tensor.diagonal(0, a, b), labels: [...labels.filter((_, i) => i !== a && i !== b), twice] });
}
