import { emit, emitOne, GraphError, type Node, type Value } from "../../../ir/graph/index.ts";
import type { Dim, TensorType } from "../../../ir/types/index.ts";
import { close, inline, placeholder, substitute } from "../rewrite.ts";
import type { Maybe, Pass, Rule } from "../rule.ts";
import { accumulate, add, gt, i32, sub, zeros } from "../values.ts";
import { backwardBody, tangentBody, varyingParameters, type LoopBody } from "./loop.ts";

type While = Node<"while">;

interface Carry {
  readonly initial: Value;
  readonly inBody: Value;
  readonly next: Value;
}
interface Capture {
  readonly value: Value;
  readonly inBody: Value;
}

/** Emits a while of its parts. `holds` makes the condition of the carries, then the captures, as the test has them. */
function emitWhile(carries: readonly Carry[], captures: readonly Capture[], maxTrips: Dim | null, holds: (inTest: readonly Value[]) => Value): readonly Value[] {
  const inBody = [...carries, ...captures].map((p) => p.inBody), inTest = inBody.map((p) => placeholder(p.type));
  const regions = [close(inTest, [holds(inTest)]), close(inBody, carries.map((c) => c.next))];
  const inputs = [...carries.map((c) => c.initial), ...captures.map((c) => c.value)];
  return emit("while", inputs, { carries: carries.length, maxTrips }, regions);
}

function partsOf({ inputs, attrs: { carries: count }, regions: [test, region] }: While) {
  const { params, results } = region;
  const carries = params.slice(0, count).map((inBody, i): Carry => ({ initial: inputs[i], inBody, next: results[i] }));
  const captures = params.slice(count).map((inBody, i): Capture => ({ value: inputs[count + i], inBody }));
  const body: LoopBody = { region, carries: params.slice(0, count) };
  /** The loop's own condition, in a loop whose carries and captures are these and `more` carries after its own. */
  const holdsWith = (more: number) => (inTest: readonly Value[]): Value =>
    inline(test, [...inTest.slice(0, count), ...inTest.slice(count + more, count + more + captures.length)])[0];
  return { carries, captures, body, params, holdsWith };
}

/** One row for each trip that a loop may make. */
const recordType = (trips: Dim, { dtype, shape }: TensorType): TensorType => ({ dtype, shape: [trips, ...shape] });
const rowAt = { axes: [0], batch: [] } as const;

/**
 * A while run backward: the forward loop counts its trips and records, in buffers of `maxTrips` rows, what the
 * backward steps read; the backward loop counts down to zero, carrying the carries' cotangents and adding up
 * the captures'. A trip past the bound writes outside the buffers, and that is the error the user sees.
 */
function vjp(node: While, given: readonly Maybe[], wanted: readonly boolean[], pass: Pass): readonly Maybe[] {
  const { carries, captures, body, params, holdsWith } = partsOf(node);
  const varying = varyingParameters(body, params.filter((_, i) => wanted[i]));
  const back = backwardBody(body, given.map((ct) => ct !== undefined), varying, new Set(captures.map((c) => c.inBody)), pass);
  if (back.cotangents.every((ct) => ct === undefined)) return [];
  const trips = boundOf(node);

  // forward, recording; where nothing need be kept, the numbers of the trips are, so that the bound always holds
  const trip = placeholder({ dtype: "i32", shape: [] });
  const kept = back.residuals.length > 0 ? back.residuals : [trip];
  const records = kept.map((v): Carry => {
    const buffer = placeholder(recordType(trips, v.type));
    return { initial: zeros(buffer.type), inBody: buffer, next: emitOne("scatter", [buffer, v, trip], { ...rowAt, reducer: "set" }) };
  });
  const own = carries.map((c, i) => ({ ...c, next: back.results[i] }));
  const counted: Carry = { initial: i32(0), inBody: trip, next: add(trip, i32(1)) };
  const recorded = emitWhile([...own, counted, ...records], captures, trips, holdsWith(1 + records.length));
  pass.supersede(node, recorded.slice(0, carries.length));
  const [made, ...buffers] = recorded.slice(carries.length);

  // backward, reading
  const left = placeholder({ dtype: "i32", shape: [] }), current = sub(left, i32(1));
  const reads = buffers.map((value): Capture => ({ value, inBody: placeholder(value.type) }));
  const rows = new Map(kept.map((v, i) => [v, emitOne("gather", [reads[i].inBody, current], rowAt)]));
  const carried = carries.flatMap(({ inBody: of }, i) => {
    const seed = back.seeds[i];
    return seed ? [{ of, initial: given[i] ?? zeros(seed.type), inBody: seed, next: back.cotangents[i] ?? zeros(seed.type) }] : [];
  });
  const accumulated = captures.flatMap(({ inBody: of }, i) => {
    const term = back.cotangents[carries.length + i], total = placeholder(of.type);
    return term ? [{ of, initial: zeros(of.type), inBody: total, next: accumulate(total, term) }] : [];
  });
  const derivatives = [...carried, ...accumulated];
  const nexts = substitute(derivatives.map((d) => d.next), rows);
  const results = emitWhile(
    [{ initial: made, inBody: left, next: rows.get(trip) ?? current }, ...derivatives.map((d, i) => ({ ...d, next: nexts[i] }))],
    [...reads, ...captures.filter((c) => back.reads.has(c.inBody))], trips, ([k]) => gt(k, i32(0)));
  const found = new Map(derivatives.map(({ of }, i) => [of, results[1 + i]]));
  return params.map((p) => found.get(p));
}

function boundOf({ attrs: { maxTrips } }: While): Dim {
  if (maxTrips === null)
    throw new GraphError("the derivative of a while loop needs a bound on its trips: it keeps what each trip computes, to run them backward",
      "give the loop maxTrips, the most trips it may make; past it, the program stops with an error");
  return maxTrips;
}

/** Tangents ride along as further carries and captures. Nothing is recorded, so no bound is needed. */
function jvp(node: While, tangents: readonly Maybe[], pass: Pass): readonly Maybe[] {
  const { carries, captures, body, params, holdsWith } = partsOf(node);
  const varying = varyingParameters(body, params.filter((_, i) => tangents[i]));
  const along = tangentBody(body, varying, pass);

  const carried = carries.flatMap(({ inBody: of }, i) => {
    const inBody = along.seeds[i];
    return inBody ? [{ of, initial: tangents[i] ?? zeros(of.type), inBody, next: along.tangents[i] ?? zeros(of.type) }] : [];
  });
  const captured = captures.flatMap((_, i): Capture[] => {
    const at = carries.length + i, inBody = along.seeds[at];
    return inBody ? [{ value: tangents[at]!, inBody }] : [];
  });
  const own = carries.map((c, i) => ({ ...c, next: along.results[i] }));
  const results = emitWhile([...own, ...carried], [...captures, ...captured], node.attrs.maxTrips, holdsWith(carried.length));
  pass.supersede(node, results.slice(0, carries.length));
  const found = new Map(carried.map(({ of }, i) => [of, results[carries.length + i]]));
  return carries.map(({ inBody }) => found.get(inBody));
}

export const while_: Rule<"while"> = { vjp, jvp };
