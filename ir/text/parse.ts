import { emit, emitOne, GraphError, withLocation, type GraphFunction, type Init, type Model, type Region, type SourceLocation, type SymbolRange, type Value, type Variable } from "../graph/index.ts";
import { ops, type AttrsOf, type OpName } from "../ops/index.ts";
import { sameType, typeText, type TensorType } from "../types/index.ts";
import { attributesOf, type Context } from "./attributes.ts";
import { grouping, regionNames } from "./operands.ts";
import { Scanner } from "./scanner.ts";

/**
 * Reads a function that `printFunction` wrote (or a person). Types are inferred anew and must agree with the
 * text. Throws a GraphError with line and column; `file` is what it calls the text.
 */
export function parseFunction(text: string, file = "text"): GraphFunction {
  const s: Scanner = new Scanner(text, file);
  const variables = new Map<string, TensorType>();
  while (s.accepts("variable")) {
    const name = s.variable();
    s.expect(":");
    variables.set(name, s.type());
  }
  const fn = new FunctionParser(s, variables).parse();
  if (!s.done) s.fail("expected the end after the function");
  return fn;
}

/** Reads a model that `printModel` wrote. Throws as {@link parseFunction} does. */
export function parseModel(text: string, file = "text"): Model {
  const s: Scanner = new Scanner(text, file);
  s.expect("model");
  const name = s.name("the model's name");
  const symbols: Record<string, SymbolRange> = {};
  while (s.accepts("symbol")) {
    const symbol = s.word("a symbol");
    s.expect("in");
    const min = s.integer();
    s.expect("..");
    symbols[symbol] = s.seesDigit() ? { min, max: s.integer() } : { min };
  }
  const variables: Variable[] = [];
  while (s.sees("parameter") || s.sees("state")) variables.push(parseVariable(s));
  const types = new Map(variables.map((v) => [v.name, v.type]));
  const functions: GraphFunction[] = [];
  while (!s.done) functions.push(new FunctionParser(s, types).parse());
  return { name, variables, symbols, functions };
}

function parseVariable(s: Scanner): Variable {
  const role = s.accepts("parameter") ? "parameter" : (s.expect("state"), "state");
  const name = s.variable();
  s.expect(":");
  const type = s.type();
  s.expect("=");
  const init = parseInit(s);
  return { name, type, role, init, at: s.trailingLocation() };
}

function parseInit(s: Scanner): Init {
  if (s.accepts("seed")) return { kind: "seed" };
  if (s.sees("[")) return { kind: "data", data: s.list("[", () => s.number(), "]") };
  const numbers = (count: number): number[] => {
    const list = Array.from({ length: count }, (_, i) => {
      s.expect(i === 0 ? "(" : ",");
      return s.number();
    });
    s.expect(")");
    return list;
  };
  if (s.accepts("uniform")) { const [low, high] = numbers(2); return { kind: "uniform", low, high }; }
  if (s.accepts("normal")) { const [mean, std] = numbers(2); return { kind: "normal", mean, std }; }
  if (s.accepts("truncatedNormal")) { const [mean, std, low, high] = numbers(4); return { kind: "truncatedNormal", mean, std, low, high }; }
  if (s.accepts("orthogonal")) { const [gain] = numbers(1); return { kind: "orthogonal", gain }; }
  return { kind: "constant", value: s.number() };
}

/** Values by their printed name (`%0`, `@fc1.weight`). A region has a scope of its own. */
type Scope = Map<string, Value>;

class FunctionParser {
  readonly #s: Scanner;
  readonly #variables: ReadonlyMap<string, TensorType>;

  constructor(s: Scanner, variables: ReadonlyMap<string, TensorType>) {
    this.#s = s;
    this.#variables = variables;
  }

  parse(): GraphFunction {
    const s: Scanner = this.#s;
    s.expect("fn");
    s.expect("@");
    const name = s.name("the function's name");
    const scope: Scope = new Map();
    const inputs = s.list("(", () => this.#declare(scope, (name, type) => emitOne("input", [], { name: name.startsWith('"') ? (JSON.parse(name) as string) : name, type })), ")");
    for (const [variable, type] of this.#variables) {
      const value = withLocation(s.location, () => emitOne("variable", [], { name: variable, type }));
      scope.set(`@${variable}`, value);
    }
    s.expect("{");
    this.#statements(scope);
    s.expect("return");
    const outputs: { name: string; value: Value }[] = [];
    if (!s.sees("update") && !s.sees("}"))
      do {
        const name = s.name("the name of an output");
        s.expect("=");
        outputs.push({ name, value: this.#use(scope) });
      } while (s.accepts(","));
    const updates: { variable: string; value: Value }[] = [];
    while (s.accepts("update")) {
      const at = s.location, variable = s.variable();
      if (!this.#variables.has(variable)) s.fail(`there is no variable @${variable}`, at);
      s.expect("=");
      updates.push({ variable, value: this.#use(scope) });
    }
    s.expect("}");
    return { name, inputs, outputs, updates };
  }

  /** `%x: f32[B]`: a new value, made by `make`. */
  #declare(scope: Scope, make: (name: string, type: TensorType) => Value): Value {
    const s: Scanner = this.#s, at = s.location;
    const name = s.value();
    s.expect(":");
    const type = s.type();
    return this.#define(scope, name, withLocation(at, () => make(name, type)), at);
  }

  #define(scope: Scope, name: string, value: Value, at: SourceLocation): Value {
    if (scope.has(`%${name}`)) this.#s.fail(`%${name} is defined twice`, at);
    scope.set(`%${name}`, value);
    return value;
  }

  #use(scope: Scope): Value {
    const s: Scanner = this.#s, at = s.location;
    const name = s.sees("@") ? `@${s.variable()}` : `%${s.value()}`;
    return scope.get(name) ?? s.fail(`${name} is not defined here`, at);
  }

  #statements(scope: Scope): void {
    while (this.#s.sees("%")) this.#statement(scope);
  }

  #statement(scope: Scope): void {
    const s: Scanner = this.#s, at = s.location;
    const names: string[] = [];
    do names.push(s.value()); while (s.accepts(","));
    s.expect("=");
    const opAt = s.location, op = s.word("an op");
    if (!isOp(op)) s.fail(`there is no op "${op}"`, opAt);

    const given = new Map<string, (c: Context) => unknown>();
    for (const [key, attribute] of Object.entries(attributesOf(op))) if (attribute.bare) given.set(key, attribute.read(s));
    const { operands, groups } = this.#operands(op, scope);
    if (s.sees("{")) for (const [key, value] of s.list("{", () => this.#attribute(op), "}")) given.set(key, value);
    s.expect(":");
    const types: TensorType[] = [];
    do types.push(s.type()); while (s.accepts(","));
    const source = s.trailingLocation() ?? at;
    const regions = (regionNames[op] ?? []).map((name) => this.#region(name));

    const attrs = this.#complete(op, given, { types, groups }, opAt);
    let values: readonly Value[];
    try {
      values = withLocation(source, () => emit(op, operands, attrs, regions));
    } catch (e) {
      throw e instanceof GraphError ? new GraphError(e.what, e.advice, opAt) : e;
    }
    if (values.length !== names.length) s.fail(`${op} has ${values.length} results, not ${names.length}`, at);
    for (const [i, value] of values.entries()) {
      if (!types[i] || !sameType(value.type, types[i])) s.fail(`%${names[i]} is ${typeText(value.type)}, but the text says ${types[i] ? typeText(types[i]) : "nothing"}`, opAt);
      this.#define(scope, names[i], value, at);
    }
  }

  #operands(op: OpName, scope: Scope): { operands: Value[]; groups: number[] } {
    const s: Scanner = this.#s, operands: Value[] = [], groups: number[] = [];
    if (s.sees(":") || s.sees("{")) return { operands, groups };
    do {
      if (s.sees("[")) {
        const group = s.list("[", () => this.#use(scope), "]");
        groups.push(group.length);
        operands.push(...group);
      } else operands.push(this.#use(scope));
    } while (s.accepts(","));
    const want = grouping[op];
    if (want ? groups.length !== want.groups || operands.length - groups.reduce((a, b) => a + b, 0) !== want.leading : groups.length > 0)
      s.fail(`${op} takes ${want ? `${want.leading} operands and ${want.groups} lists of them in brackets` : "its operands without brackets"}`);
    return { operands, groups };
  }

  #attribute(op: OpName): [string, (c: Context) => unknown] {
    const s: Scanner = this.#s, at = s.location, key = s.word("the name of an attribute");
    const attribute = attributesOf(op)[key] ?? s.fail(`${op} has no attribute "${key}"`, at);
    s.expect("=");
    return [key, attribute.read(s)];
  }

  /** Attributes as the op has them: those the text gives, and those it implies. */
  #complete(op: OpName, given: ReadonlyMap<string, (c: Context) => unknown>, context: Context, at: SourceLocation): AttrsOf<OpName> {
    const attrs = Object.entries(attributesOf(op)).map(([key, attribute]) => {
      const value = given.get(key) ?? attribute.implied?.bind(attribute);
      return [key, value ? value(context) : this.#s.fail(`${op} needs the attribute "${key}"`, at)] as const;
    });
    // The table of attributes is typed by op; here, where the op is text, that knowledge is lost.
    return Object.fromEntries(attrs) as AttrsOf<OpName>;
  }

  /** A region is closed: nothing of the function around it is in scope. */
  #region(name: string): Region {
    const s: Scanner = this.#s, scope: Scope = new Map();
    s.expect(name);
    let index = 0;
    const params = s.list("(", () => this.#declare(scope, (_, type) => emitOne("parameter", [], { index: index++, type })), ")");
    s.expect("{");
    this.#statements(scope);
    s.expect("return");
    const results: Value[] = [];
    if (!s.sees("}")) do results.push(this.#use(scope)); while (s.accepts(","));
    s.expect("}");
    return { params, results };
  }
}

const isOp = (name: string): name is OpName => Object.hasOwn(ops, name) && name !== "input" && name !== "variable" && name !== "parameter";
