import { emit, emitOne, type Node, type Value } from "../../ir/graph/index.ts";
import { splatOf } from "./constants.ts";
import { from } from "./rule.ts";
import { Captures, Reach, remade, typesOf } from "./regions.ts";

/** A control op with what its users do not need taken out. */
export interface Slim {
  /** Outer values it still needs, as operands or as results. */
  readonly needs: readonly Value[];
  /** Results by old position; undefined where unused. `image` gives what an outer value has become. */
  emit(image: (v: Value) => Value): readonly (Value | undefined)[];
}

/** What stands for an old parameter, made of the new ones; undefined for a parameter that is not used. */
type Source = ((fresh: readonly Value[]) => Value) | undefined;
type Image = (v: Value) => Value;

const sameValues = (a: readonly Value[], b: readonly Value[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);
const select = <T>(list: readonly T[], places: readonly number[]): T[] => places.map((i) => list[i]);

function imagesOf(params: readonly Value[], sources: readonly Source[], fresh: readonly Value[]): Map<Value, Value> {
  return new Map(params.flatMap((p, i) => (sources[i] ? [[p, sources[i](fresh)] as const] : [])));
}

/** Values for the results that are wanted: new results of the op for those `kept`, outer values for the others. */
const gatherResults = (count: number, kept: readonly number[], results: readonly Value[], through: ReadonlyMap<number, Value>) =>
  Array.from({ length: count }, (_, i) => (kept.includes(i) ? results[kept.indexOf(i)] : through.get(i)));

/** Drops unwanted results and unused operands. A result that is the same operand in both branches is that operand. */
export function slimCond({ inputs: [pred, ...operands], regions, outputs }: Node<"cond">, wanted: readonly boolean[]): Slim | undefined {
  const through = new Map<number, Value>(), kept: number[] = [];
  for (const i of outputs.keys()) {
    if (!wanted[i]) continue;
    const [a, b] = regions.map((r) => r.params.indexOf(r.results[i]));
    if (a >= 0 && a === b) through.set(i, operands[a]);
    else kept.push(i);
  }
  const reach = new Reach();
  for (const r of regions) for (const i of kept) reach.add(r.results[i]);
  const captures = new Captures();
  const sources = operands.map((v, k): Source => (regions.some((r) => reach.has(r.params[k])) ? captures.add(v) : undefined));
  if (kept.length === outputs.length && sameValues(captures.values, operands)) return undefined;

  return {
    needs: [...(kept.length > 0 ? [pred] : []), ...captures.values, ...through.values()],
    emit(image: Image) {
      const slim = regions.map((r) => remade(typesOf(captures.values), (fresh) => imagesOf(r.params, sources, fresh), select(r.results, kept)));
      const results = kept.length > 0 ? emit("cond", [image(pred), ...captures.values.map(image)], {}, slim) : [];
      return gatherResults(outputs.length, kept, results, imaged(through, image));
    },
  };
}

const imaged = (values: ReadonlyMap<number, Value>, image: Image): Map<number, Value> => new Map([...values].map(([i, v]) => [i, image(v)]));

/**
 * Carries that are needed: those whose last value is wanted, and those that something needed depends on. Adds to
 * `reach` what computes them. A carry that every trip hands on as it is counts as a capture, not a carry.
 */
function neededCarries(carries: readonly Carry[], wanted: readonly boolean[], reach: Reach): Set<number> {
  const needed = new Set<number>();
  for (let before = -1; needed.size > before;) {
    before = needed.size;
    for (const [i, { param, next }] of carries.entries())
      if (!needed.has(i) && (wanted[i] || reach.has(param))) {
        needed.add(i);
        reach.add(next);
      }
  }
  return needed;
}

interface Carry {
  readonly param: Value;
  readonly next: Value;
}

export function slimWhile({ inputs, attrs, regions: [test, body], outputs }: Node<"while">, wanted: readonly boolean[]): Slim | undefined {
  const carries = outputs.map((_, i): Carry => ({ param: body.params[i], next: body.results[i] }));
  const reach = new Reach();
  reach.add(test.results[0]);
  const tested = test.params.map((p) => reach.has(p));
  const needed = neededCarries(carries, carries.map((_, i) => wanted[i] || tested[i]), reach);
  const isConstant = (i: number): boolean => carries[i].next === carries[i].param;
  const kept = [...outputs.keys()].filter((i) => needed.has(i) && !isConstant(i));

  const captures = new Captures();
  const sources = inputs.map((v, i): Source => {
    if (kept.includes(i)) return (fresh) => fresh[kept.indexOf(i)];
    if (!tested[i] && !reach.has(body.params[i])) return undefined;
    const capture = captures.add(v);
    return (fresh) => capture(fresh.slice(kept.length));
  });
  const operands = [...select(inputs, kept), ...captures.values];
  if (sameValues(operands, inputs) && kept.length === outputs.length) return undefined;
  const through = new Map([...outputs.keys()].flatMap((i) => (wanted[i] && isConstant(i) ? [[i, inputs[i]] as const] : [])));

  return {
    needs: [...operands, ...through.values()],
    emit(image: Image) {
      const slim = [test.results, select(body.results, kept)].map((results, r) => {
        const { params } = r === 0 ? test : body;
        return remade(typesOf(operands), (fresh) => imagesOf(params, sources, fresh), results);
      });
      const results = emit("while", operands.map(image), { ...attrs, carries: kept.length }, slim);
      return gatherResults(outputs.length, kept, results, imaged(through, image));
    },
  };
}

/**
 * As for the others; besides, rows that are the same at every step, or count the steps, are captured or made inside,
 * and a stacked result that is what was scanned, or a capture, is taken from outside.
 */
export function slimScan(node: Node<"scan">, wanted: readonly boolean[]): Slim | undefined {
  const { inputs, attrs, regions: [body], outputs } = node;
  const { carries: count, xs } = attrs;
  const carries = [...Array(count).keys()].map((i): Carry => ({ param: body.params[1 + i], next: body.results[i] }));
  const isConstant = (i: number): boolean => carries[i].next === carries[i].param;

  /** The outer value that a stacked result repeats at every step, or takes rows of. */
  const stackedFrom = (i: number): { value: Value; rows: boolean } | undefined => {
    const k = body.params.indexOf(body.results[i]) - 1; // the first parameter is the step
    if (k < 0 || (k < count && !isConstant(k))) return undefined;
    return { value: inputs[k], rows: k >= count && k < count + xs };
  };

  const stacked = [...outputs.keys()].slice(count).filter((i) => wanted[i] && !stackedFrom(i));
  const reach = new Reach();
  for (const i of stacked) reach.add(body.results[i]);
  const needed = neededCarries(carries, wanted, reach);
  const kept = [...carries.keys()].filter((i) => needed.has(i) && !isConstant(i));
  const rows = [...Array(xs).keys()].map((j) => count + j).filter((k) => reach.has(body.params[1 + k]) && !rowSource(node, k));

  const captures = new Captures();
  const captured = (add: (captures: Captures) => NonNullable<Source>): Source => {
    const source = add(captures);
    return (fresh) => source(fresh.slice(1 + kept.length + rows.length));
  };
  const sources = body.params.map((p, at): Source => {
    if (at === 0) return (fresh) => fresh[0];
    const k = at - 1;
    if (kept.includes(k)) return (fresh) => fresh[1 + kept.indexOf(k)];
    if (rows.includes(k)) return (fresh) => fresh[1 + kept.length + rows.indexOf(k)];
    if (!reach.has(p)) return undefined;
    const row = k >= count && k < count + xs ? rowSource(node, k) : undefined;
    if (row === "step") return (fresh) => emitOne("convert", [fresh[0]], { dtype: p.type.dtype });
    return captured((c) => (row ? row(c) : c.add(inputs[k])));
  });
  const operands = [...select(inputs, kept), ...select(inputs, rows), ...captures.values];
  const results = [...kept, ...stacked];
  if (sameValues(operands, inputs) && results.length === outputs.length) return undefined;

  const through = [...outputs.keys()].flatMap((i) => {
    const from = !wanted[i] ? undefined : i >= count ? stackedFrom(i) : isConstant(i) ? { value: inputs[i], rows: true } : undefined;
    return from ? [[i, from] as const] : [];
  });
  return {
    needs: [...operands, ...through.map(([, t]) => t.value)],
    emit(image: Image) {
      const types = [body.params[0].type, ...select(body.params, [...kept, ...rows].map((k) => 1 + k)).map((p) => p.type), ...typesOf(captures.values)];
      const slim = remade(types, (fresh) => imagesOf(body.params, sources, fresh), select(body.results, results));
      const made = results.length > 0 ? emit("scan", operands.map(image), { ...attrs, carries: kept.length, xs: rows.length }, [slim]) : [];
      const others = new Map(through.map(([i, { value, rows: asItIs }]) => [i, asItIs ? image(value) : repeated(image(value), outputs[i])]));
      return gatherResults(outputs.length, results, made, others);
    },
  };
}

const repeated = (v: Value, as: Value): Value => {
  const { shape } = as.type;
  return emitOne("broadcast", [v], { shape, axes: v.type.shape.map((_, i) => i + 1) });
};

/** How each row of a scanned operand is had without scanning it: it is the step, or always the same. */
function rowSource({ inputs }: Node<"scan">, k: number): "step" | ((captures: Captures) => NonNullable<Source>) | undefined {
  const x = inputs[k], shape = x.type.shape.slice(1), { dtype } = x.type;
  const value = splatOf(x), broadcast = from(x, "broadcast"), iota = from(x, "iota");
  if (value !== undefined) return () => () => emitOne("constant", [], { dtype, shape, data: value });
  if (iota && shape.length === 0) return "step";
  if (!broadcast || broadcast.attrs.axes.includes(0)) return undefined;
  return (captures) => {
    const source = captures.add(broadcast.inputs[0]);
    return (fresh) => emitOne("broadcast", [source(fresh)], { shape, axes: broadcast.attrs.axes.map((a) => a - 1) });
  };
}
