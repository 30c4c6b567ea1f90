import { defineModel, grad, GraphError, jvp, stack, Tensor, vjp, type Dim } from "chainrule";
import type { Model } from "../../../ir/graph/index.ts";
import type { NdArray } from "../../../ir/ops/index.ts";
import { expectClose, expectEqual } from "../compare.ts";
import { dtypeOf, readTensor, type FileTensor, type Json, type ProgramStep, type TensorCase, type Tensors, type Tolerance } from "../format.ts";
import { inputOf } from "../inputs.ts";
import { Unsupported } from "../outcome.ts";
import type { Target } from "../targets.ts";
import { resolve, type PyValue } from "./arguments.ts";
import { callModule, isModule } from "./modules.ts";
import { resultTypeOf } from "./ops/dtypes.ts";
import { symbolizer, type SymbolicMode } from "./symbols.ts";
import { call } from "./table.ts";

/** A result the case asks for: where it is among the function's outputs, and what it must be. */
interface Expectation {
  readonly what: string;
  readonly output: string;
  readonly want: NdArray;
  readonly tol: Tolerance;
}

/**
 * Runs one case: a model of one function takes the case's inputs, cotangents and tangents, and returns the outputs
 * and every derivative the case lists. Where sizes are symbols, an op that has to know them makes the case
 * unsupported.
 */
export async function runTensorCase(c: TensorCase, target: Target, symbolic: SymbolicMode): Promise<void> {
  if (c.result_dtype) return expectEqual("result_type", resultTypeOf(c), dtypeOf(c.result_dtype));
  const arrays: Record<string, NdArray> = {};
  const expected: Expectation[] = [];
  // every tensor is read before anything is built: values that need 64 bits make the case unsupported
  const names = declareInputs(c, arrays);
  const model = refusingSymbols(c, symbolic, () => build(c, names, arrays, expected, symbolic));
  const results = await (await target.load(model)).call("run", arrays);
  for (const { what, output, want, tol } of expected) expectClose(what, results[output], want, tol);
}

/** Runs `body`; where sizes are symbols, a mistake in the graph is one of them, not of the op. */
function refusingSymbols<T>(c: TensorCase, symbolic: SymbolicMode, body: () => T): T {
  if (symbolic === "none") return body();
  try {
    return body();
  } catch (e) {
    if (e instanceof GraphError) throw new Unsupported(`${c.op} of symbolic shapes: ${e.what}`);
    throw e;
  }
}

/** Names of the model's inputs for what the case calls x, the cotangent of output i, the tangent of x. */
interface InputNames {
  readonly input: ReadonlyMap<string, string>;
  readonly cotangent: readonly (string | null)[];
  readonly tangent: ReadonlyMap<string, string>;
}

function declareInputs(c: TensorCase, arrays: Record<string, NdArray>): InputNames {
  const declare = (name: string, t: FileTensor): string => {
    const safe = name.replace(/\W/g, "_");
    if (Object.hasOwn(arrays, safe)) throw new Error(`two inputs of the case are called ${safe}`);
    arrays[safe] = readTensor(t);
    return safe;
  };
  const declareAll = (prefix: string, tensors: Tensors): Map<string, string> =>
    new Map(Object.entries(tensors).map(([name, t]) => [name, declare(prefix + name, t)]));
  return {
    input: declareAll("", c.inputs),
    cotangent: c.cotangents.map((t, i) => t && declare(`cotangent_${i}`, t)),
    tangent: declareAll("tangent_", c.second?.v ?? c.jvp?.tangents ?? {}),
  };
}

function build(c: TensorCase, names: InputNames, arrays: Readonly<Record<string, NdArray>>, expected: Expectation[], symbolic: SymbolicMode): Model {
  const shapes = symbolic === "none" ? Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, a.shape])) : symbolicShapes(c, names, arrays, symbolic);
  const inputs = Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, inputOf(a.dtype, shapes[name])]));
  return defineModel("conformance", (m) => {
    m.fn("run", inputs, (given: Record<string, Tensor>) => {
      const returned: Record<string, Tensor> = {};
      differentiate(c, names, given, (what, got, want, tol) => {
        const output = `result_${expected.length}`;
        returned[output] = got;
        expected.push({ what, output, want: readTensor(want), tol });
      });
      return returned;
    });
  });
}

/** Shapes with symbols: of the inputs and their tangents by their sizes, of the cotangents as the outputs turn out to be. */
function symbolicShapes(c: TensorCase, names: InputNames, arrays: Readonly<Record<string, NdArray>>, symbolic: SymbolicMode): Record<string, readonly Dim[]> {
  const withSymbols = symbolizer(symbolic, [...names.input.values()].map((name) => arrays[name].shape));
  const shapes: Record<string, readonly Dim[]> = Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, withSymbols(a.shape)]));
  defineModel("shapes", (m) => {
    m.fn("run", Object.fromEntries([...names.input.values()].map((name) => [name, inputOf(arrays[name].dtype, shapes[name])])), (given: Record<string, Tensor>) => {
      for (const [i, y] of apply(c, names, given).entries()) {
        const cotangent = names.cotangent[i];
        if (cotangent) shapes[cotangent] = y.shape;
      }
      return given;
    });
  });
  return shapes;
}

/** The case's outputs, of its inputs. */
function apply(c: TensorCase, names: InputNames, given: Readonly<Record<string, Tensor>>): readonly Tensor[] {
  const env = new Map<string, PyValue>([...names.input].map(([name, input]) => [name, given[input]]));
  if (c.program) return runProgram(c.program, c.returns ?? [], env);
  return isModule(c.op) ? callModule(c, env) : call(c.op, c.args, c.kwargs, env);
}

/** The cases count a gradient that PyTorch leaves undefined as zero. */
const zeros = { allowUnused: true };

/** Applies the op and takes the derivatives that the case lists. */
function differentiate(c: TensorCase, names: InputNames, given: Readonly<Record<string, Tensor>>, expect: (what: string, got: Tensor, want: FileTensor, tol: Tolerance) => void): void {
  const x = (name: string): Tensor => given[names.input.get(name)!];
  const outputs = apply(c, names, given);
  expectEqual("the number of outputs", outputs.length, c.outputs.length);
  for (const [i, want] of c.outputs.entries()) expect(`output ${i}`, outputs[i], want, c.tol);

  // outputs that take no cotangent take no part in the derivatives
  const active = outputs.flatMap((y, i) => {
    const input = names.cotangent[i];
    return input ? [{ y, cotangent: given[input], index: i }] : [];
  });
  const ys = active.map((a) => a.y), cotangents = active.map((a) => a.cotangent);

  const wrt = Object.keys(c.grads);
  if (wrt.length === 0) return;
  const grads = new Map(vjp(ys, wrt.map(x), cotangents, zeros).map((g, i) => [wrt[i], g]));
  for (const name of wrt) expect(`gradient of ${name}`, grads.get(name)!, c.grads[name], c.tol);

  const tol = c.second?.tol ?? c.tol;
  const tangent = (name: string): Tensor => given[names.tangent.get(name)!];
  if (c.second) {
    const s = Object.keys(c.second.v).map((name) => tangent(name).mul(grads.get(name)!).sum()).reduce((a, b) => a.add(b));
    const of = Object.keys(c.second.grads), second = c.second;
    for (const [i, g] of grad(s, of.map(x), zeros).entries()) expect(`second gradient of ${of[i]}`, g, second.grads[of[i]], tol);
    for (const [k, g] of grad(s, cotangents, zeros).entries()) {
      const want = second.grad_cotangents[active[k].index];
      if (want) expect(`gradient of cotangent ${active[k].index}`, g, want, tol);
    }
  }
  if (c.jvp) {
    const of = Object.keys(c.jvp.tangents);
    for (const [i, t] of jvp(outputs, of.map(x), of.map(tangent), zeros).entries()) expect(`jvp of output ${i}`, t, c.jvp.outputs[i], tol);
  }
  if (c.hessian) expect(`hessian of ${c.hessian.of}`, hessian(outputs[0], x(c.hessian.of)), c.hessian.value, tol);
  if (c.higher) {
    const of = x(c.higher.of);
    let y = outputs[0].sum();
    for (const [i, want] of c.higher.values.entries()) {
      const [derivative] = grad(y, [of], zeros);
      expect(`derivative ${i + 1} of ${c.higher.of}`, derivative, want, tol);
      y = derivative.sum();
    }
  }
}

/** Second derivatives of a scalar, of shape `[...x, ...x]`, a row at a time. */
function hessian(y: Tensor, x: Tensor): Tensor {
  const gradient = grad(y, [x], zeros)[0].flatten(), [length] = gradient.shape;
  if (typeof length !== "number") throw new Unsupported("the rows of a Hessian of symbolic shape");
  const rows = Array.from({ length }, (_, i) => grad(gradient.select(0, i), [x], zeros)[0]);
  return stack(rows, 0).reshape([...x.shape, ...x.shape]);
}

/** Runs the steps of a program in order and returns what it returns. */
export function runProgram(steps: readonly ProgramStep[], returns: readonly Json[], given: ReadonlyMap<string, PyValue>): Tensor[] {
  const env = new Map(given);
  for (const step of steps) env.set(step.out, runStep(step, env));
  return returns.map((r) => {
    const value = resolve(r, env);
    if (!(value instanceof Tensor)) throw new Error(`the program returns ${JSON.stringify(r)}, which is not a tensor`);
    return value;
  });
}

function runStep(step: ProgramStep, env: ReadonlyMap<string, PyValue>): PyValue {
  if (step.op === "torch.autograd.grad") {
    const [y, wrt] = step.args.map((a) => resolve(a, env));
    return grad(y as Tensor, (Array.isArray(wrt) ? wrt : [wrt]) as Tensor[]);
  }
  if (step.op === "torch.Tensor.__getitem__") {
    // a list of tensors, indexed by a number: Python's own indexing
    const [list, index] = step.args.map((a) => resolve(a, env));
    if (Array.isArray(list)) return list[(Array.isArray(index) ? index[0] : index) as number];
  }
  const results = call(step.op, step.args, step.kwargs, env);
  return results.length === 1 ? results[0] : results;
}
