import { sameType } from "../../ir/types/index.ts";
import { renumberArguments } from "../loops/arguments.ts";
import type { Kernel, Stmt } from "../loops/ir.ts";
import { mayAlias } from "./inplace.ts";
import type { BufferId, Program, Step } from "./program.ts";
import { firstUse, forEachUse, listsIn, rebuildSteps, renameBuffers, touch } from "./steps.ts";

/**
 * Removes copies of new values into variables, and of the carries of loops into the place of the old ones, by
 * computing them there in the first place.
 *
 * A copy `to = from` goes where `from` is an arena buffer of the same list of steps, and from the step that first
 * writes it up to the copy nobody needs the old value of `to`, except that first step itself, if it is a kernel that
 * may write over what it reads (see `inplace.ts`). Afterwards the two are one buffer.
 */
export function updateInPlace(program: Program): Program {
  // one copy that goes can let another go: sweeps, until one finds nothing
  for (let before: Program | undefined; before !== program;) {
    before = program;
    const refused = new Set<string>();
    for (let copy = findCopy(program, refused); copy; copy = findCopy(program, refused)) program = merge(program, copy);
  }
  return program;
}

type Copy = Extract<Step, { kind: "copy" }>;

/** The first copy that can go. Those that cannot are noted in `refused`, and not looked at again. */
function findCopy(program: Program, refused: Set<string>): Copy | undefined {
  const uses = countUses(program, program.steps);
  const search = (list: readonly Step[], isTop: boolean): Copy | undefined => {
    for (const [at, s] of list.entries()) {
      if (s.kind === "copy" && !refused.has(`${s.from} to ${s.to}`)) {
        if (canMerge(program, list, at, s, isTop, uses)) return s;
        refused.add(`${s.from} to ${s.to}`);
      }
      for (const inner of listsIn(s)) {
        const found = search(inner, false);
        if (found) return found;
      }
    }
    return undefined;
  };
  return search(program.steps, true);
}

function countUses(program: Program, steps: readonly Step[]): Map<BufferId, number> {
  const uses = new Map<BufferId, number>();
  forEachUse(steps, program.kernels, (b) => uses.set(b, (uses.get(b) ?? 0) + 1));
  return uses;
}

function canMerge(program: Program, list: readonly Step[], at: number, { from, to }: Copy, isTop: boolean, uses: ReadonlyMap<BufferId, number>): boolean {
  const { buffers, kernels } = program, source = buffers[from], target = buffers[to];
  if (source.storage.kind !== "arena" || (target.storage.kind !== "arena" && target.storage.kind !== "variable")) return false;
  if (from === to || !sameType(source.type, target.type)) return false;
  if (countUses(program, list).get(from) !== uses.get(from)) return false;
  const isOutput = program.outputs.some((o) => o.buffer === from);
  if (isOutput && !isTop) return false;

  const first = list.findIndex((s) => uses.has(from) && isTouched(s, from, kernels));
  if (first >= at || firstUse([list[first]], from, kernels) !== "writes") return false;
  if (!mayStart(list[first], from, to, kernels)) return false;
  if (list.slice(first + 1, at).some((s) => isTouched(s, to, kernels))) return false;
  // what is read of the source later must not have been overwritten in the target by then
  const after = list.slice(at + 1);
  const isReadLater = isOutput || after.some((s) => isTouched(s, from, kernels));
  return !isReadLater || !after.some((s) => touch(s, to, kernels).writes);
}

function isTouched(s: Step, buffer: BufferId, kernels: readonly Kernel[]): boolean {
  const { reads, writes } = touch(s, buffer, kernels);
  return reads || writes;
}

/** Whether the step that first writes `from` may as well write `to`, whose old value it may be reading. */
function mayStart(s: Step, from: BufferId, to: BufferId, kernels: readonly Kernel[]): boolean {
  if (!isTouched(s, to, kernels)) return true;
  if (s.kind === "copy") return s.from === to;
  if (s.kind !== "kernel") return false;
  const kernel = kernels[s.kernel], places = (b: BufferId): number[] => s.args.flatMap((x, i) => (x === b ? [i] : []));
  return places(to).every((read) => places(from).every((write) => mayAlias(kernel, read, write)));
}

/** `from` becomes `to`; copies of a buffer to itself go, kernels that do nothing else among them. A kernel that has both takes one argument for them. */
function merge(program: Program, { from, to }: Copy): Program {
  const kernels = [...program.kernels];
  const merged = renameBuffers(program, (b) => (b === from ? to : b));
  const steps = rebuildSteps(merged.steps, (s): Step[] => {
    if (s.kind === "copy") return s.from === s.to ? [] : [s];
    if (s.kind !== "kernel" || new Set(s.args).size === s.args.length) return [s];
    const args = [...new Set(s.args)];
    const kernel = mergeArguments(kernels[s.kernel], s.args.map((b) => args.indexOf(b)));
    if (kernel.body.length === 0) return [];
    // another step may call the kernel with arguments that are all different
    const isShared = kernelUses(program.steps, s.kernel) > 1;
    const place = isShared ? kernels.length : s.kernel;
    kernels[place] = isShared ? { ...kernel, name: `${kernel.name}_inplace${place}` } : kernel;
    return [{ ...s, kernel: place, args }];
  });
  return { ...merged, steps, kernels };
}

function kernelUses(steps: readonly Step[], kernel: number): number {
  return steps.reduce((n, s) => n + (s.kind === "kernel" && s.kernel === kernel ? 1 : 0) + listsIn(s).reduce((m, list) => m + kernelUses(list, kernel), 0), 0);
}

/** A kernel some of whose arguments are the same buffer: `to[i]` is what argument i becomes. */
export function mergeArguments(kernel: Kernel, to: readonly number[]): Kernel {
  const args: Kernel["args"][number][] = [];
  for (const [i, arg] of kernel.args.entries()) {
    const before = args[to[i]];
    args[to[i]] = !before ? arg : before.access === arg.access ? before : { ...before, access: "readwrite" };
  }
  const body = renumberArguments(kernel.body, to), rest = withoutSelfCopies(body);
  // the invocations of a grid are those of its loops: these stay, if any do
  return { ...kernel, args, body: kernel.grid && rest.length > 0 ? body : rest };
}

/** Without stores of what is there already: a table that rows are written into, in place, is not copied. */
function withoutSelfCopies(body: readonly Stmt[]): Stmt[] {
  return body.flatMap((s): Stmt[] => {
    if (s.kind === "loop") {
      const inner = withoutSelfCopies(s.body);
      return inner.length > 0 ? [inner.length === s.body.length && inner.every((x, i) => x === s.body[i]) ? s : { ...s, body: inner }] : [];
    }
    return s.kind === "store" && s.mode === "set" && s.value.kind === "load" && s.value.arg === s.arg && s.value.index.key === s.index.key ? [] : [s];
  });
}
