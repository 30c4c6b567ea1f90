import type { Node, Value } from "../../../ir/graph/index.ts";
import { placeholder } from "../rewrite.ts";
import type { Maybe, Pass, Rule } from "../rule.ts";
import { accumulate, zeros } from "../values.ts";
import { emitScan, type ScanParts } from "./build.ts";
import { backwardBody, tangentBody, varyingParameters, type LoopBody } from "./loop.ts";
import { sumAfter, type SumAfter } from "./sums.ts";

type Scan = Node<"scan">;

/** The node's parts by name. `results` are those of the body. */
function partsOf({ inputs, attrs: { carries, xs, length, reverse }, regions: [region] }: Scan) {
  const [step, ...params] = region.params;
  const parts: ScanParts = {
    length, reverse, step,
    carries: params.slice(0, carries).map((inBody, i) => ({ initial: inputs[i], inBody, next: region.results[i] })),
    xs: params.slice(carries, carries + xs).map((inBody, i) => ({ tensor: inputs[carries + i], inBody })),
    captures: params.slice(carries + xs).map((inBody, i) => ({ value: inputs[carries + xs + i], inBody })),
    rows: region.results.slice(carries),
  };
  const body: LoopBody = { region, carries: params.slice(0, carries) };
  return { parts, body, params };
}

/**
 * A scan run backward: steps in the other order, carrying the carries' cotangents. Those of the captures are sums over the
 * steps: taken after the loop where they are sums of products of what is stacked, else added up in it.
 *
 * What the backward steps read of the forward ones is stacked by the forward scan as further results. That
 * scan supersedes the one being differentiated, so its steps run once, whoever uses its results.
 */
function vjp(node: Scan, given: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[] {
  const { parts, body, params } = partsOf(node);
  const varying = varyingParameters(body, params.filter((_, i) => wanted[i]));
  const free = new Set([parts.step, ...[...parts.xs, ...parts.captures].map((p) => p.inBody)]);
  const back = backwardBody(body, given.map((ct) => ct !== undefined), varying, free, pass);
  const cotangentOf = (p: Value): Maybe => back.cotangents[body.region.params.indexOf(p)];
  if (back.cotangents.every((ct) => ct === undefined)) return [];

  const { outputs, stackOf } = keepResiduals(node, back.results, back.residuals);
  pass.supersede(node, outputs);

  const carried = parts.carries.flatMap(({ inBody: of }, i) => {
    const seed = back.seeds[i];
    return seed ? [{ of, initial: given[i] ?? zeros(seed.type), inBody: seed, next: cotangentOf(of) ?? zeros(seed.type) }] : [];
  });
  const stacked = parts.xs.flatMap(({ inBody: of }) => {
    const row = cotangentOf(of);
    return row ? [{ of, row }] : [];
  });
  const sums = sumsAfter(parts.captures.map((c) => cotangentOf(c.inBody)), [...back.residuals, ...parts.xs.map((x) => x.inBody), ...stacked.map((s) => s.row)]);
  const accumulated = parts.captures.flatMap(({ inBody: of }, i) => {
    const term = cotangentOf(of), total = placeholder(of.type);
    return term && !sums[i] ? [{ of, initial: zeros(of.type), inBody: total, next: accumulate(total, term) }] : [];
  });
  const rowCotangents = parts.rows.flatMap((_, i) => {
    const at = parts.carries.length + i, inBody = back.seeds[at];
    return inBody ? [{ tensor: given[at]!, inBody }] : [];
  });
  const residuals = back.residuals.map((v) => ({ tensor: stackOf(v), inBody: v }));
  const isRead = (p: { inBody: Value }): boolean => back.reads.has(p.inBody);
  const rows = [...new Set([...stacked.map((s) => s.row), ...sums.flatMap((s) => s?.of ?? [])])];
  const results = emitScan({
    length: parts.length, reverse: !parts.reverse, step: parts.step,
    carries: [...carried, ...accumulated], xs: [...rowCotangents, ...residuals, ...parts.xs.filter(isRead)], captures: parts.captures.filter(isRead), rows,
  });
  const rowsOf = (v: Value): Value => results[carried.length + accumulated.length + rows.indexOf(v)];
  const found = new Map<Value, Maybe>([
    ...[...carried, ...accumulated].map(({ of }, i) => [of, results[i]] as const),
    ...stacked.map(({ of, row }) => [of, rowsOf(row)] as const),
    ...parts.captures.flatMap(({ inBody }, i) => { const s = sums[i]; return s ? [[inBody, s.emit(rowsOf)] as const] : []; }),
  ]);
  return params.map((p) => found.get(p));
}

/** For each term, its sum after the loop where it has one. What one has stacked serves the others too. */
function sumsAfter(terms: readonly Maybe[], stackedAnyway: readonly Value[]): (SumAfter | undefined)[] {
  const stacked = new Set(stackedAnyway);
  const sums = (): (SumAfter | undefined)[] => terms.map((term) => term && sumAfter(term, (v) => stacked.has(v)));
  for (const s of sums()) for (const v of s?.of ?? []) stacked.add(v);
  return sums();
}

/** The scan with residuals stacked as further results; a value that is stacked already is not stacked twice. */
function keepResiduals(node: Scan, bodyResults: readonly Value[], residuals: readonly Value[]): { outputs: readonly Value[]; stackOf: (v: Value) => Value } {
  const { parts } = partsOf(node);
  const carries = parts.carries.length;
  const rows = [...new Set([...bodyResults.slice(carries), ...residuals])];
  const outputs = emitScan({ ...parts, carries: parts.carries.map((c, i) => ({ ...c, next: bodyResults[i] })), rows });
  const stackOf = (v: Value): Value => outputs[carries + rows.indexOf(v)];
  return { outputs: [...outputs.slice(0, carries), ...bodyResults.slice(carries).map(stackOf)], stackOf };
}

/** Tangents ride along: as carries, as scanned rows, as captures, as stacked results. */
function jvp(node: Scan, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] {
  const { parts, body, params } = partsOf(node);
  const varying = varyingParameters(body, params.filter((_, i) => tangents[i]));
  const along = tangentBody(body, varying, pass);
  const seedOf = (p: Value): Maybe => along.seeds[body.region.params.indexOf(p)];
  const tangentOf = (p: Value): Maybe => tangents[params.indexOf(p)];

  const carried = parts.carries.flatMap(({ inBody: of }, i) => {
    const inBody = seedOf(of);
    return inBody ? [{ result: i, initial: tangentOf(of) ?? zeros(of.type), inBody, next: along.tangents[i] ?? zeros(of.type) }] : [];
  });
  const xs = parts.xs.flatMap(({ inBody: of }) => {
    const inBody = seedOf(of);
    return inBody ? [{ tensor: tangentOf(of)!, inBody }] : [];
  });
  const captures = parts.captures.flatMap(({ inBody: of }) => {
    const inBody = seedOf(of);
    return inBody ? [{ value: tangentOf(of)!, inBody }] : [];
  });
  const carries = parts.carries.length;
  const rows = parts.rows.flatMap((_, i) => {
    const row = along.tangents[carries + i];
    return row ? [{ result: carries + i, row }] : [];
  });
  const outputs = emitScan({
    ...parts,
    carries: [...parts.carries.map((c, i) => ({ ...c, next: along.results[i] })), ...carried],
    xs: [...parts.xs, ...xs], captures: [...parts.captures, ...captures],
    rows: [...along.results.slice(carries), ...rows.map((r) => r.row)],
  });

  // outputs: the carries, their tangents, the stacked rows, their tangents
  const firstRow = carries + carried.length;
  pass.supersede(node, [...outputs.slice(0, carries), ...outputs.slice(firstRow, firstRow + parts.rows.length)]);
  const tangentAt = new Map([
    ...carried.map(({ result }, k) => [result, outputs[carries + k]] as const),
    ...rows.map(({ result }, k) => [result, outputs[firstRow + parts.rows.length + k]] as const),
  ]);
  return node.outputs.map((_, i) => tangentAt.get(i));
}

export const scan: Rule<"scan"> = { vjp, jvp };
