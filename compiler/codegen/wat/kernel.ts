import { locationText } from "../../../ir/graph/index.ts";
import type { Reducer } from "../../../ir/ops/index.ts";
import { byteSize, dims, roundTo, type Dim, type DType } from "../../../ir/types/index.ts";
import type { Expr, Index, Kernel, LoopStmt, LoopVar, Stmt, Test } from "../../loops/ir.ts";
import { childrenOf, indicesOf } from "../../loops/pool.ts";
import { visitIndex } from "../../loops/affine.ts";
import { printDim } from "./size.ts";
import { scalarTemplate, vectorFunctions, vectorTemplate, wasmType, type WasmType } from "./scalar.ts";

/** What a kernel's text calls in the module around it. */
export interface WatScope {
  /** A vector function of `math.ts`. */
  useMath(name: string): string;
  /** An op in JavaScript, on doubles: imported. `arity` numbers in, one out. */
  useImport(op: string, arity: number, integer: boolean): string;
  /** Number of a note for the error of an index that is out of range. */
  noteOf(text: string): number;
}

/** Prints a kernel as a WebAssembly function: pointers to its buffers, then the integers it mentions. */
export function printKernel(kernel: Kernel, scope: WatScope): string {
  return new KernelPrinter(kernel, scope).print();
}

/** Streams of addresses: what a load or store in the innermost loop adds its constant offset to. */
interface Stream {
  readonly local: string;
  readonly offset: number;
}

class KernelPrinter {
  private readonly kernel: Kernel;
  private readonly scope: WatScope;
  private readonly locals: string[] = [];
  private readonly lines: string[] = [];
  private readonly dimLocals = new Map<string, string>();
  private readonly entry: string[] = [];
  /** The loop stepping in vectors, if we are in one. */
  private lane: LoopVar | undefined;
  private readonly vectors = new Set<string>();
  private streams = new Map<string, Stream>();
  private depth = 1;
  private count = 0;

  constructor(kernel: Kernel, scope: WatScope) {
    this.kernel = kernel;
    this.scope = scope;
  }

  print(): string {
    const { kernel } = this;
    if (kernel.sort) throw new Error(`internal: ${kernel.name} is a sort, which the module's own routine does`);
    this.list(kernel.body);
    const params = [...kernel.args.map((a, i) => `(param $${this.argName(i)} i32)`), ...kernel.scalars.map((s) => `(param $${s} i32)`)];
    const origins = [...new Set(kernel.origins.map((o) => `${o.op}${o.at ? ` ${locationText(o.at)}` : ""}`))].join(", ");
    return [`  ;; ${origins}`, `  (func $${kernel.name} ${params.join(" ")}`, ...this.locals.map((l) => `    ${l}`), ...this.entry.map((l) => `    ${l}`), ...this.lines, "  )"].join("\n");
  }

  private argName(i: number): string { return `${this.kernel.args[i].name}_p`; }

  // ---- text

  private line(text: string): void { this.lines.push(`${"  ".repeat(this.depth + 1)}${text}`); }
  private declare(prefix: string, type: WasmType | "v128"): string {
    const name = `$${prefix}${this.count++}`;
    this.locals.push(`(local ${name} ${type})`);
    return name;
  }
  private readonly named = new Map<string, string>();
  private local(name: string, type: WasmType | "v128"): string {
    const key = `${name}:${type}`;
    let local = this.named.get(key);
    if (!local) {
      this.named.set(key, (local = `$${name}${type === "v128" ? "_v" : ""}${[...this.named.keys()].some((k) => k.startsWith(`${name}:`) && k !== key) && type !== "v128" ? `_${type}` : ""}`));
      this.locals.push(`(local ${local} ${type})`);
    }
    return local;
  }

  // ---- sizes and indices, in i32

  /** A dimension: a constant, or a local computed once on entry. */
  private dim(d: Dim): string {
    if (typeof d === "number") return `(i32.const ${d})`;
    if (/^\w+$/.test(d)) return `(local.get $${d})`;
    let local = this.dimLocals.get(d);
    if (!local) {
      const text = printDim(d, (x) => this.dim(x));
      local = this.declare("size", "i32");
      this.entry.push(`(local.set ${local} ${text}) ;; ${d}`);
      this.dimLocals.set(d, local);
    }
    return `(local.get ${local})`;
  }

  /** An index as an i32; the vector loop's variable counts as its `q`th lane. */
  private index(x: Index, q: number): string {
    const parts: string[] = [];
    for (const { atom, stride } of x.terms) {
      let text: string;
      switch (atom.kind) {
        case "var": {
          text = `(local.get ${this.local(atom.var.name, "i32")})`;
          if (q > 0 && atom.var.name === this.lane?.name) text = `(i32.add ${text} (i32.const ${q}))`;
          break;
        }
        case "div": text = `(i32.div_u ${this.index(atom.of, q)} ${this.dim(atom.by)})`; break;
        case "mod": text = `(i32.rem_u ${this.index(atom.of, q)} ${this.dim(atom.by)})`; break;
        case "data": text = `(call $check ${this.scalar(atom.value, q)} ${this.dim(atom.size)} (i32.const ${this.scope.noteOf(atom.note)}))`; break;
      }
      parts.push(stride === 1 ? text : `(i32.mul ${text} ${this.dim(stride)})`);
    }
    if (x.offset !== 0 || parts.length === 0) parts.push(this.dim(x.offset));
    return parts.reduce((a, b) => `(i32.add ${a} ${b})`);
  }

  // ---- addresses

  private streamKey(arg: number, x: Index): string {
    const offset = constantPart(x.offset);
    return `${arg}|${dims.sub(x.offset, offset)}|${x.terms.length === 0 ? "" : x.key.slice(x.key.indexOf(" + ") + 3)}`;
  }

  /** Address operand and static offset of an element: `offset=16 (local.get $p3)`. */
  private address(arg: number, x: Index, q: number): string {
    const size = byteSize[this.kernel.args[arg].dtype];
    const stream = this.streams.get(this.streamKey(arg, x));
    const step = this.lane && plainStride(x, this.lane);
    const constant = constantPart(x.offset);
    if (stream && (q === 0 || typeof step === "number")) {
      const offset = (constant - stream.offset + q * (typeof step === "number" ? step : 0)) * size;
      if (offset >= 0) return `${offset > 0 ? `offset=${offset} ` : ""}(local.get ${stream.local})`;
    }
    return this.plainAddress(arg, x, q);
  }

  /** Pointers for the loads and stores of an innermost loop, advanced with it. Returns what advances them. */
  private openStreams(loop: LoopStmt): { readonly streams: Map<string, Stream>; readonly advance: string[] } {
    const lowest = new Map<string, { arg: number; x: Index; offset: number }>();
    const see = (arg: number, x: Index): void => {
      if (x.terms.some((t) => t.atom.kind !== "var" && (t.atom.kind === "data" || mentions(t.atom.of, loop.var.name)))) return;
      const key = this.streamKey(arg, x), offset = constantPart(x.offset), before = lowest.get(key);
      if (!before || offset < before.offset) lowest.set(key, { arg, x, offset });
    };
    const visit = (e: Expr): void => {
      if (e.kind === "guard") return; // what a guard keeps from being loaded has no address to precompute
      if (e.kind === "load") see(e.arg, e.index);
      childrenOf(e).forEach(visit);
      for (const i of indicesOf(e)) visitIndex(i, () => {}, visit);
    };
    for (const s of loop.body) {
      if (s.kind === "store") see(s.arg, s.index);
      if (s.kind !== "acc" && s.kind !== "loop") visit(s.value);
    }
    const streams = new Map<string, Stream>(), advance: string[] = [];
    if (loop.reverse) return { streams, advance };
    for (const [key, { arg, x, offset }] of lowest) {
      const local = this.declare("p", "i32"), size = byteSize[this.kernel.args[arg].dtype];
      this.line(`(local.set ${local} ${this.plainAddress(arg, x)})`);
      streams.set(key, { local, offset });
      const stride = plainStride(x, loop.var);
      if (stride !== undefined && stride !== 0) {
        const by = dims.mul(stride, loop.step * size);
        advance.push(`(local.set ${local} (i32.add (local.get ${local}) ${this.dim(by)}))`);
      }
    }
    return { streams, advance };
  }

  // ---- one element

  private scalar(e: Expr, q: number): string {
    const t = wasmType[e.dtype];
    switch (e.kind) {
      case "const": return constant(e.dtype, e.value);
      case "size": return this.fromInteger(e.dtype, this.dim(e.dim));
      case "index": return this.fromInteger(e.dtype, this.index(e.index, q));
      case "ref":
        return this.vectors.has(e.name) ? this.extract(e.dtype, `(local.get ${this.local(e.name, "v128")})`, q) : `(local.get ${this.local(e.name, t)})`;
      case "load": return `(${loadOf(e.dtype)} ${this.address(e.arg, e.index, q)})`;
      case "scalar": return this.scalarOp(e, e.args.map((a) => this.scalar(a, q)));
      case "select": return `(select ${this.scalar(e.a, q)} ${this.scalar(e.b, q)} ${this.scalar(e.pred, q)})`;
      case "convert": return this.convert(e.arg.dtype, e.dtype, this.scalar(e.arg, q));
      case "guard": return `(if (result ${t}) ${this.tests(e.tests, q)} (then ${this.scalar(e.inside, q)}) (else ${this.scalar(e.outside, q)}))`;
      case "across": return this.across(e);
      default: throw new Error(`internal: ${this.kernel.name} has a ${e.kind} that no loop was made for`);
    }
  }

  private scalarOp(e: Extract<Expr, { kind: "scalar" }>, args: readonly string[]): string {
    const dtype = e.args[0].dtype;
    const native = scalarTemplate(e.op, dtype);
    if (native) return wrapInteger(e.dtype, native(...args));
    const vector = dtype === "f32" ? vectorFunctions[e.op] : undefined;
    // the same function as in vectors, so that an element has the same bits wherever the loop puts it
    if (vector) return `(f32x4.extract_lane 0 (call $${this.scope.useMath(vector)} ${args.map((a) => `(f32x4.splat ${a})`).join(" ")}))`;
    const isInt = wasmType[dtype] === "i32";
    const call = `(call $${this.scope.useImport(e.op, args.length, isInt)} ${args.map((a) => toDouble(dtype, a)).join(" ")})`;
    return fromDouble(e.dtype, call);
  }

  private fromInteger(dtype: DType, text: string): string { return this.convert("i32", dtype, text); }

  private convert(from: DType, to: DType, x: string): string {
    if (from === to) return x;
    const f = wasmType[from];
    if (to === "bool") return f === "i32" ? `(i32.ne ${x} (i32.const 0))` : `(${f}.ne ${x} (${f}.const 0))`;
    if (to === "f32") return f === "f64" ? `(f32.demote_f64 ${x})` : `(f32.convert_i32_${from === "u32" ? "u" : "s"} ${x})`;
    if (to === "f64") return f === "f32" ? `(f64.promote_f32 ${x})` : `(f64.convert_i32_${from === "u32" ? "u" : "s"} ${x})`;
    if (f === "i32") return wrapInteger(to, x);
    // WebAssembly's own conversions trap or saturate; ours wraps
    return wrapInteger(to, `(i32.trunc_sat_f64_s (call $${this.scope.useImport("toInt32", 1, true)} ${toDouble(from, x)}))`);
  }

  private tests(tests: readonly Test[], q: number): string {
    const one = (t: Test): string => {
      const at = this.index(t.index, q);
      const bounds = `(i32.and (i32.ge_s ${at} ${this.dim(t.low)}) (i32.lt_s ${at} ${this.dim(t.high)}))`;
      return t.step === 1 ? bounds : `(i32.and ${bounds} (i32.eqz (i32.rem_s (i32.sub ${at} ${this.dim(t.low)}) (i32.const ${t.step}))))`;
    };
    return tests.map(one).reduce((a, b) => `(i32.and ${a} ${b})`);
  }

  private extract(dtype: DType, v: string, q: number): string {
    if (dtype === "f32") return `(f32x4.extract_lane ${q} ${v})`;
    const x = `(i32x4.extract_lane ${q} ${v})`;
    return dtype === "bool" ? `(i32.and ${x} (i32.const 1))` : x;
  }

  private across(e: Extract<Expr, { kind: "across" }>): string {
    const v = `(local.get ${this.local(e.name, "v128")})`;
    const [a, b, c, d] = [0, 1, 2, 3].map((q) => this.extract(e.dtype, v, q));
    return this.combine(e.reducer, e.dtype, this.combine(e.reducer, e.dtype, a, b), this.combine(e.reducer, e.dtype, c, d));
  }

  private combine(reducer: Reducer, dtype: DType, a: string, b: string): string {
    const op = combineOp[reducer];
    const native = scalarTemplate(op, dtype);
    if (native) return wrapInteger(dtype, native(a, b));
    // integers have no instruction for max and min
    const x = this.declare("x", "i32"), y = this.declare("y", "i32");
    const [first, second] = op === "maximum" ? [y, x] : [x, y];
    const less = `(i32.lt_${dtype === "i32" ? "s" : "u"} (local.get ${x}) (local.get ${y}))`;
    return `(block (result i32) (local.set ${x} ${a}) (local.set ${y} ${b}) (select (local.get ${first}) (local.get ${second}) ${less}))`;
  }

  // ---- four elements

  private isVector(e: Expr): boolean {
    if (!this.lane) return false;
    if (e.kind === "ref") return this.vectors.has(e.name);
    if (indicesOf(e).some((i) => this.indexIsVector(i))) return true;
    return childrenOf(e).some((c) => this.isVector(c));
  }

  private indexIsVector(x: Index): boolean {
    let found = false;
    visitIndex(x, (v) => { found ||= v.name === this.lane?.name; }, (e) => { found ||= this.isVector(e); });
    return found;
  }

  private vector(e: Expr): string {
    if (!this.isVector(e)) return splat(e.dtype, this.scalar(e, 0));
    switch (e.kind) {
      case "ref": return `(local.get ${this.local(e.name, "v128")})`;
      case "load": {
        const stride = plainStride(e.index, this.lane!);
        const plain = !e.index.terms.some((t) => t.atom.kind !== "var" && this.atomIsVector(t.atom));
        if (plain && stride === 1 && byteSize[e.dtype] === 4) return `(v128.load ${this.address(e.arg, e.index, 0)})`;
        if (plain && stride === 1 && e.dtype === "bool")
          return `(i32x4.ne (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero ${this.address(e.arg, e.index, 0)}))) (v128.const i32x4 0 0 0 0))`;
        return this.byLanes(e);
      }
      case "index": {
        const stride = plainStride(e.index, this.lane!);
        const plain = !e.index.terms.some((t) => t.atom.kind !== "var" && this.atomIsVector(t.atom));
        if (!plain || typeof stride !== "number" || e.dtype === "bool" || e.dtype === "f64") return this.byLanes(e);
        const lanes = `(i32x4.add (i32x4.splat ${this.index(e.index, 0)}) (v128.const i32x4 0 ${stride} ${2 * stride} ${3 * stride}))`;
        return e.dtype === "f32" ? `(f32x4.convert_i32x4_s ${lanes})` : lanes;
      }
      case "scalar": {
        const dtype = e.args[0].dtype;
        const native = vectorTemplate(e.op, dtype);
        if (native) return native(...e.args.map((a) => this.vector(a)));
        const f = dtype === "f32" ? vectorFunctions[e.op] : undefined;
        return f ? `(call $${this.scope.useMath(f)} ${e.args.map((a) => this.vector(a)).join(" ")})` : this.byLanes(e);
      }
      case "select": return `(v128.bitselect ${this.vector(e.a)} ${this.vector(e.b)} ${this.vector(e.pred)})`;
      case "convert": return this.convertVector(e);
      case "guard":
        if (e.tests.some((t) => this.indexIsVector(t.index))) return this.byLanes(e);
        return `(if (result v128) ${this.tests(e.tests, 0)} (then ${this.vector(e.inside)}) (else ${this.vector(e.outside)}))`;
      default: return this.byLanes(e);
    }
  }

  private atomIsVector(a: Index["terms"][number]["atom"]): boolean {
    return a.kind === "data" ? this.isVector(a.value) : a.kind === "var" ? a.var.name === this.lane?.name : this.indexIsVector(a.of);
  }

  private convertVector(e: Extract<Expr, { kind: "convert" }>): string {
    const from = e.arg.dtype, to = e.dtype;
    const x = (): string => this.vector(e.arg);
    if (from === to) return x();
    if (from === "bool" && to === "f32") return `(v128.and ${x()} (v128.const f32x4 1 1 1 1))`;
    if (from === "bool" && (to === "i32" || to === "u32")) return `(v128.and ${x()} (v128.const i32x4 1 1 1 1))`;
    if (from === "i32" && to === "f32") return `(f32x4.convert_i32x4_s ${x()})`;
    if (from === "f32" && to === "bool") return `(f32x4.ne ${x()} (v128.const f32x4 0 0 0 0))`;
    if ((from === "i32" || from === "u32") && to === "bool") return `(i32x4.ne ${x()} (v128.const i32x4 0 0 0 0))`;
    if ((from === "i32" && to === "u32") || (from === "u32" && to === "i32")) return x();
    return this.byLanes(e);
  }

  /** Four elements one by one: what has no vector instruction. */
  private byLanes(e: Expr): string {
    const shape = e.dtype === "f32" ? "f32x4" : "i32x4";
    const lane = (q: number): string => (e.dtype === "bool" ? `(i32.sub (i32.const 0) ${this.scalar(e, q)})` : this.scalar(e, q));
    let v = `(${shape}.splat ${lane(0)})`;
    for (let q = 1; q < 4; q++) v = `(${shape}.replace_lane ${q} ${v} ${lane(q)})`;
    return v;
  }

  // ---- statements

  private list(stmts: readonly Stmt[]): void { for (const s of stmts) this.stmt(s, stmts); }

  private stmt(s: Stmt, siblings: readonly Stmt[]): void {
    switch (s.kind) {
      case "let": {
        if (this.isVector(s.value)) {
          this.vectors.add(s.name);
          this.line(`(local.set ${this.local(s.name, "v128")} ${this.vector(s.value)})`);
        } else {
          this.vectors.delete(s.name);
          this.line(`(local.set ${this.local(s.name, wasmType[s.value.dtype])} ${this.scalar(s.value, 0)})`);
        }
        return;
      }
      case "acc": {
        const wide = (s.lanes ?? 1) > 1 || this.foldsVector(s.name, siblings);
        if (wide) {
          this.vectors.add(s.name);
          this.line(`(local.set ${this.local(s.name, "v128")} ${splat(s.dtype, constant(s.dtype, s.init))})`);
        } else this.line(`(local.set ${this.local(s.name, wasmType[s.dtype])} ${constant(s.dtype, s.init)})`);
        return;
      }
      case "fold": {
        if (this.vectors.has(s.name)) {
          const local = this.local(s.name, "v128");
          this.line(`(local.set ${local} ${this.combineVector(s.reducer, s.dtype, `(local.get ${local})`, this.vector(s.value))})`);
        } else {
          const local = this.local(s.name, wasmType[s.dtype]);
          this.line(`(local.set ${local} ${this.combine(s.reducer, s.dtype, `(local.get ${local})`, this.scalar(s.value, 0))})`);
        }
        return;
      }
      case "foldArg": return this.foldArg(s);
      case "store": return this.store(s);
      case "loop": return this.loop(s);
    }
  }

  /** Whether an accumulator declared here collects vectors: some fold into it, in this list or deeper, is one. */
  private foldsVector(name: string, stmts: readonly Stmt[]): boolean {
    if (!this.lane) return false;
    const known = new Set<string>();
    const vectorLike = (e: Expr): boolean => (e.kind === "ref" ? known.has(e.name) || this.vectors.has(e.name) : indicesOf(e).some((i) => this.indexIsVector(i)) || childrenOf(e).some(vectorLike));
    const search = (list: readonly Stmt[]): boolean => list.some((s) => {
      if (s.kind === "let" && vectorLike(s.value)) known.add(s.name);
      if (s.kind === "fold" && s.name === name) return vectorLike(s.value);
      return s.kind === "loop" && search(s.body);
    });
    return search(stmts);
  }

  private combineVector(reducer: Reducer, dtype: DType, a: string, b: string): string {
    const native = vectorTemplate(combineOp[reducer], dtype);
    if (native) return native(a, b);
    const s = dtype === "i32" ? "s" : "u";
    return `(i32x4.${combineOp[reducer] === "maximum" ? "max" : "min"}_${s} ${a} ${b})`;
  }

  private foldArg(s: Extract<Stmt, { kind: "foldArg" }>): void {
    const t = wasmType[s.value.dtype];
    const best = this.local(s.best, t), at = this.local(s.at, "i32"), v = this.declare("v", t);
    this.line(`(local.set ${v} ${this.scalar(s.value, 0)})`);
    const greater = t === "i32" ? (s.value.dtype === "i32" ? "i32.gt_s" : "i32.gt_u") : `${t}.gt`;
    const [x, y] = s.reducer === "max" ? [v, best] : [best, v];
    // a NaN is more extreme than any number, and the first NaN stays
    const better = t === "i32" ? `(${greater} (local.get ${x}) (local.get ${y}))`
      : `(i32.and (${t}.eq (local.get ${best}) (local.get ${best})) (i32.or (${t}.ne (local.get ${v}) (local.get ${v})) (${greater} (local.get ${x}) (local.get ${y}))))`;
    this.line(`(if (i32.or (i32.eq (local.get ${at}) (i32.const -1)) ${better}) (then (local.set ${best} (local.get ${v})) (local.set ${at} ${this.index(s.index, 0)})))`);
  }

  private store(s: Extract<Stmt, { kind: "store" }>): void {
    const { dtype } = this.kernel.args[s.arg];
    const wide = this.lane !== undefined && (this.indexIsVector(s.index) || this.isVector(s.value));
    if (!wide) {
      const address = this.address(s.arg, s.index, 0);
      let value = this.scalar(s.value, 0);
      if (s.mode !== "set") {
        const p = this.declare("p", "i32");
        this.line(`(local.set ${p} ${address.startsWith("(") ? address : this.plainAddress(s.arg, s.index)})`);
        value = this.combine(s.mode, dtype, `(${loadOf(dtype)} (local.get ${p}))`, value);
        this.line(`(${storeOf(dtype)} (local.get ${p}) ${value})`);
        return;
      }
      this.line(`(${storeOf(dtype)} ${address} ${value})`);
      return;
    }
    const stride = plainStride(s.index, this.lane!);
    if (stride === 1 && byteSize[dtype] === 4 && !s.index.terms.some((t) => t.atom.kind !== "var" && this.atomIsVector(t.atom))) {
      this.line(`(v128.store ${this.address(s.arg, s.index, 0)} ${this.vector(s.value)})`);
      return;
    }
    const v = this.declare("v", "v128");
    this.line(`(local.set ${v} ${this.vector(s.value)})`);
    for (let q = 0; q < 4; q++) this.line(`(${storeOf(dtype)} ${this.address(s.arg, s.index, q)} ${this.extract(dtype, `(local.get ${v})`, q)})`);
  }

  private plainAddress(arg: number, x: Index, q = 0): string {
    const size = byteSize[this.kernel.args[arg].dtype], at = this.index(x, q);
    return `(i32.add (local.get $${this.argName(arg)}) ${size === 1 ? at : `(i32.shl ${at} (i32.const ${Math.log2(size)}))`})`;
  }

  private loop(s: LoopStmt): void {
    const v = this.local(s.var.name, "i32");
    const extent = this.dim(s.var.extent), outerLane = this.lane, outerStreams = this.streams;
    if (s.reverse) this.line(`(local.set ${v} (i32.sub ${extent} (i32.const 1)))`);
    else if (!s.resume) this.line(`(local.set ${v} (i32.const 0))`);
    const more = s.reverse ? `(i32.ge_s (local.get ${v}) (i32.const 0))` : `(i32.le_s (i32.add (local.get ${v}) (i32.const ${s.step})) ${extent})`;
    const label = `$${s.var.name}_loop${this.count++}`;
    this.line(`(if ${more} (then`);
    this.depth++;
    if (s.lanes > 1) this.lane = s.var;
    const innermost = !s.body.some((x) => x.kind === "loop");
    const { streams, advance } = innermost ? this.openStreams(s) : { streams: outerStreams, advance: [] };
    this.streams = innermost ? streams : new Map();
    this.line(`(loop ${label}`);
    this.depth++;
    this.list(s.body);
    for (const a of advance) this.line(a);
    this.line(`(local.set ${v} (i32.add (local.get ${v}) (i32.const ${s.reverse ? -1 : s.step})))`);
    this.line(`(br_if ${label} ${more}))))`);
    this.depth -= 2;
    this.lane = outerLane;
    this.streams = outerStreams;
  }
}

const combineOp: Record<Reducer, "add" | "mul" | "maximum" | "minimum" | "bitOr" | "bitAnd"> = {
  sum: "add", prod: "mul", max: "maximum", min: "minimum", any: "bitOr", all: "bitAnd",
};

/** The number in a dimension: what a static address offset can take. */
const constantPart = (d: Dim): number => (typeof d === "number" ? d : dims.terms(d).find((t) => t.atoms.length === 0)?.coefficient ?? 0);

function mentions(x: Index, name: string): boolean {
  let found = false;
  visitIndex(x, (v) => { found ||= v.name === name; }, () => { found = true; });
  return found;
}

const plainStride = (x: Index, v: LoopVar): Dim | undefined => x.terms.find((t) => t.atom.kind === "var" && t.atom.var.name === v.name)?.stride;

function constant(dtype: DType, value: number): string {
  const t = wasmType[dtype];
  if (t === "i32") return `(i32.const ${roundTo(dtype, value) | 0})`;
  const text = Number.isNaN(value) ? "nan" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : Object.is(value, -0) ? "-0" : String(value);
  return `(${t}.const ${text})`;
}

function splat(dtype: DType, x: string): string {
  if (dtype === "f32") return `(f32x4.splat ${x})`;
  return dtype === "bool" ? `(i32x4.splat (i32.sub (i32.const 0) ${x}))` : `(i32x4.splat ${x})`;
}

const wrapInteger = (dtype: DType, x: string): string => (dtype === "u8" ? `(i32.and ${x} (i32.const 255))` : x);
const loadOf = (d: DType): string => (d === "bool" || d === "u8" ? "i32.load8_u" : `${wasmType[d]}.load`);
const storeOf = (d: DType): string => (d === "bool" || d === "u8" ? "i32.store8" : `${wasmType[d]}.store`);
const toDouble = (d: DType, x: string): string => (d === "f64" ? x : d === "f32" ? `(f64.promote_f32 ${x})` : `(f64.convert_i32_${d === "i32" ? "s" : "u"} ${x})`);
function fromDouble(d: DType, x: string): string {
  if (d === "f64") return x;
  if (d === "f32") return `(f32.demote_f64 ${x})`;
  return wrapInteger(d, d === "u32" ? `(i32.trunc_sat_f64_u ${x})` : `(i32.trunc_sat_f64_s ${x})`);
}
