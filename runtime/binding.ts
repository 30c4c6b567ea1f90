import { evaluate, solve, symbolsOf, type Binding, type Dim } from "./dims.ts";
import type { Arrived } from "./inputs.ts";
import type { ModelSpec, ValueSpec } from "./manifest.ts";
import { typeText } from "./tensor.ts";

/** What one dimension, or all of a flat array's, must come to. */
interface Constraint {
  readonly spec: ValueSpec;
  readonly dims: readonly Dim[];
  readonly value: number;
  /** Says what does not fit. */
  readonly conflict: (binding: Binding, boundBy: Record<string, string>) => string;
}

/**
 * Works out the symbolic dimensions from the shapes of the inputs, and checks every shape against them. Dimensions
 * that are a symbol come first, then arithmetic on one (`2*B+1`), then the lengths of flat arrays.
 */
export function bindSymbols(specs: readonly ValueSpec[], arrived: readonly Arrived[], ranges: ModelSpec["symbols"]): Binding {
  const binding = Object.create(null) as Binding, boundBy: Record<string, string> = {};
  let pending = specs.flatMap((spec, i) => constraintsOf(spec, arrived[i])).sort((a, b) => rank(a) - rank(b));
  for (let before = -1; pending.length !== before;) {
    before = pending.length;
    pending = pending.filter((c) => {
      const unknown = [...new Set(c.dims.flatMap(symbolsOf))].filter((s) => !(s in binding));
      if (unknown.length > 1) return true;
      const value = (b: Binding): number => c.dims.reduce<number>((product, d) => product * evaluate(d, b), 1);
      if (unknown.length === 1) {
        const [s] = unknown;
        const solution = solve((x) => value({ ...binding, [s]: x }), c.value);
        if (solution === undefined) throw new Error(c.conflict(binding, boundBy));
        binding[s] = solution;
        boundBy[s] = c.spec.name;
      } else if (value(binding) !== c.value) throw new Error(c.conflict(binding, boundBy));
      return false;
    });
  }
  for (const { spec, dims } of pending) {
    const unknown = dims.flatMap(symbolsOf).filter((s) => !(s in binding));
    throw new Error(`${unknown.join(" and ")} cannot be told from ${spec.name}, a flat array for ${typeText(spec.dtype, spec.shape)}: pass nested arrays or a tensor { data, shape, dtype }`);
  }
  for (const [s, value] of Object.entries(binding)) {
    const { min = 1, max = Infinity } = ranges[s] ?? {};
    if (value < min || value > max)
      throw new Error(`${s} is ${value} (by ${boundBy[s]}); it must be ${max === Infinity ? `at least ${min}` : `from ${min} to ${max}`}`);
  }
  return binding;
}

const isSymbol = (d: Dim): boolean => typeof d === "string" && /^\w+$/.test(d);
const rank = (c: Constraint): number => (c.dims.length !== 1 ? 2 : isSymbol(c.dims[0]) ? 0 : 1);

function constraintsOf(spec: ValueSpec, { data, shape }: Arrived): Constraint[] {
  const type = typeText(spec.dtype, spec.shape);
  if (!shape) {
    const conflict = (b: Binding, by: Record<string, string>): string => `${spec.name} is ${type}${given(spec.shape, b, by)} and cannot have ${data.length} elements`;
    // a product of one dimension is still the length of a flat array, not a dimension someone stated
    return [{ spec, dims: [1, ...spec.shape], value: data.length, conflict }];
  }
  const got = `[${shape.join(",")}]`;
  if (shape.length !== spec.shape.length) throw new Error(`${spec.name} is ${type}, which has ${spec.shape.length} axes; its shape here is ${got}`);
  return spec.shape.map((d, axis) => ({
    spec, dims: [d], value: shape[axis],
    conflict: (b, by) => isSymbol(d) && d in b
      ? `${d} is ${b[d]} by ${by[d]} and ${shape[axis]} by ${spec.name}`
      : `${spec.name} is ${type}${given([d], b, by)}; its shape here is ${got}, and axis ${axis} cannot be ${shape[axis]}`,
  }));
}

/** ` with B = 32 (by x)`: the symbols that decide. */
function given(dims: readonly Dim[], binding: Binding, boundBy: Record<string, string>): string {
  const known = [...new Set(dims.flatMap(symbolsOf))].filter((s) => s in binding).map((s) => `${s} = ${binding[s]} (by ${boundBy[s]})`);
  return known.length > 0 ? ` with ${known.join(", ")}` : "";
}
