import { emitOne } from "../graph/build.ts";
import { check, GraphError } from "../graph/error.ts";
import { currentLocation, locationText, type SourceLocation } from "../graph/location.ts";
import type { Init, Value, Variable } from "../graph/node.ts";
import { initOf, kaimingUniform, zeros } from "../init/init.ts";
import { Tensor } from "../tensor/tensor.ts";
import { sameType, typeText, type DType, type TensorType } from "../types/index.ts";
import { make, type Float, type Layer, type LayerClass, type Scope, type VariableOptions } from "./scope.ts";
import { concreteShape } from "./spec.ts";
import type { StateOwner } from "./trace.ts";

/** The variables of a model under construction. */
export class Registry implements StateOwner {
  readonly #entries = new Map<string, { variable: Variable; value: Value; of: object | undefined }>();
  readonly #values = new Set<Value>();
  readonly #scopes = new Map<string, SourceLocation | undefined>();

  get variables(): Variable[] { return [...this.#entries.values()].map((e) => e.variable); }

  /** Values of the trained parameters, in order of declaration. */
  get parameters(): Value[] {
    return [...this.#entries.values()].filter((e) => e.variable.role === "parameter").map((e) => e.value);
  }

  owns(value: Value): boolean { return this.#values.has(value); }

  declare(name: string, role: Variable["role"], type: TensorType, init: Init, of?: object): Value {
    check(/^[\w$-]+(\.[\w$-]+)*$/.test(name), () => `"${name}" is no name for a variable`, "use letters, digits, _ and -, with dots between the parts");
    const before = this.#entries.get(name)?.variable;
    if (before)
      throw new GraphError(`there are two variables "${name}": ${describe(before)}, and ${role} ${typeText(type)} here`,
        of ? "give one of the two optimizers another name: optim.adam({ name: \"adam2\" })" : "give each a name of its own; to share a layer, call what m.use returned in both places");
    const value = emitOne("variable", [], { name, type });
    this.#values.add(value);
    this.#entries.set(name, { variable: { name, type, role, init, at: currentLocation() }, value, of });
    return value;
  }

  stateOf(of: object, name: string, type: TensorType, init: Init): Value {
    const known = this.#entries.get(name);
    if (known?.of === of && sameType(known.variable.type, type)) return known.value;
    return this.declare(name, "state", type, init, of);
  }

  rng(): Value { return this.stateOf(this, "rng", { dtype: "u32", shape: [2] }, { kind: "seed" }); }

  /** Notes that a scope was made. Throws where there is one of that name. */
  enter(path: string): void {
    const at = currentLocation();
    if (this.#scopes.has(path))
      throw new GraphError(`"${path}" is used twice: ${locationText(this.#scopes.get(path)) || "before"}, and here`, "give each layer a name of its own; to share one, call what the first use returned in both places");
    this.#scopes.set(path, at);
  }
}

const describe = ({ role, type, at }: Variable): string => `${role} ${typeText(type)}${at ? ` at ${locationText(at)}` : ""}`;

/** The scope below `prefix` (`""`, or ending in a dot). */
export function scopeOf<F extends Float>(registry: Registry, prefix: string, dtype: F): Scope<F> {
  const declare = (role: Variable["role"], name: string, shape: readonly number[], options: VariableOptions): Tensor => {
    const what = (): string => `${role} "${prefix}${name}"`;
    const sizes = concreteShape(shape, what);
    const init = options.init ?? (role === "parameter" && sizes.length >= 2 ? kaimingUniform({ a: Math.sqrt(5) }) : zeros);
    return new Tensor(registry.declare(prefix + name, role, { dtype: options.dtype ?? dtype, shape: sizes }, initOf(init, sizes, what)));
  };
  return {
    dtype,
    param: <S extends readonly number[], D extends DType>(name: string, shape: S, options: VariableOptions<D> = {}) => declare("parameter", name, shape, options) as Tensor<[...S], D>,
    state: <S extends readonly number[], D extends DType>(name: string, shape: S, options: VariableOptions<D> = {}) => declare("state", name, shape, options) as Tensor<[...S], D>,
    use<T>(name: string, layer: Layer<T, F> | LayerClass<T, F>): T {
      check(/^[\w$-]+$/.test(name), () => `"${prefix}${name}" is no name for a layer`, "use letters, digits, _ and -");
      check(typeof layer === "function", () => `use("${prefix}${name}", …): this is no layer`, "give what nn.linear(…) and the like return, a function from a scope to what the layer computes, or a class of them");
      registry.enter(prefix + name);
      return make(layer, scopeOf(registry, `${prefix}${name}.`, dtype));
    },
  };
}
