import { bindSymbols } from "../binding.ts";
import { evaluate, type Binding } from "../dims.ts";
import { checkNames } from "../inputs.ts";
import type { FunctionSpec, ModelSpec } from "../manifest.ts";
import { checkOptions, moveInto } from "../outputs.ts";
import { readSafetensors, writeSafetensors } from "../safetensors.ts";
import { arrayTypes, HostTensor, makeBuffer, sizeOf } from "../tensor.ts";
import type { ArenaInfo, CallOptions, DeviceOutputs, DeviceTensor, DType, GpuModel, Inputs, KernelTime, Outputs, Tensor, TensorLike, TypedArray, VariableInfo } from "../types.ts";
import { Variables } from "../variables.ts";
import { Bindings } from "./bindings.ts";
import type { Bound } from "./bound.ts";
import { reportBytes } from "./faults.ts";
import type { Gpu } from "./gpu.ts";
import { arrive, type Given } from "./given.ts";
import type { WebGpuKernels } from "./kernels.ts";
import { profileCommands } from "./profile.ts";
import { Recorder } from "./recorder.ts";
import type { Upload } from "./ring.ts";
import { Session } from "./session.ts";
import { copiedBytes, fromWords } from "./words.ts";

/** A call that was handed to the device. */
interface Submitted {
  readonly bound: Bound;
  readonly binding: Binding;
  /** Number of the call. */
  readonly call: number;
  readonly recorder: Recorder;
  /** Copies of its outputs and of what it found out of range, on their way to the host. */
  readonly staging: GPUBuffer | undefined;
  /** How many submits there were with it. */
  readonly submits: number;
}

/**
 * A model whose variables live on a GPU. Calls are handed to the device in order, one submit each, and nothing waits
 * for them but who reads a result.
 */
export class ModelOnGpu implements GpuModel {
  readonly name: string;
  readonly device = "webgpu";
  readonly threads = 1;
  readonly variables: readonly VariableInfo[];
  readonly functions: GpuModel["functions"];
  readonly queue: GpuModel["queue"];
  readonly sync: GpuModel["sync"];
  readonly #spec: ModelSpec;
  readonly #kernels: WebGpuKernels;
  readonly #initial: Uint8Array | undefined;
  readonly #seed: number;
  #session: Session;
  #bindings: Bindings;
  /** The work that calls still wait for, in order; nothing, if one can be submitted at once. */
  #tail: Promise<void> | undefined;
  #calls = 0;
  /** Whether the last of them may have found an index out of range. */
  #mayHaveFailed = false;
  /** Results that are on the device, with the number of their call. */
  readonly #made = new WeakMap<object, number>();
  #saved: Uint8Array | undefined;

  static async create(spec: ModelSpec, kernels: WebGpuKernels, gpu: Gpu, seed: number, initial?: Uint8Array): Promise<ModelOnGpu> {
    const session = await Session.start(gpu, spec, kernels);
    try {
      const model = new ModelOnGpu(spec, kernels, session, seed, initial);
      model.reset();
      await model.#tail;
      session.check();
      return model;
    } catch (e) {
      session.destroy();
      throw e;
    }
  }

  private constructor(spec: ModelSpec, kernels: WebGpuKernels, session: Session, seed: number, initial?: Uint8Array) {
    this.name = spec.name;
    this.variables = spec.variables;
    this.#spec = spec;
    this.#kernels = kernels;
    this.#session = session;
    this.#bindings = new Bindings(spec, session);
    this.#seed = seed;
    this.#initial = initial;
    const names = Object.keys(spec.functions).filter((name) => !name.startsWith("$"));
    const each = <T>(f: (name: string) => T): Record<string, T> => Object.fromEntries(names.map((name) => [name, f(name)]));
    this.functions = each((name) => (inputs: Inputs = {}, options?: CallOptions) => this.#call(name, inputs, options));
    this.queue = each((name) => (inputs: Inputs = {}) => this.#enqueue(name, inputs));
    this.sync = each((name) => () => { throw new Error(`${spec.name}.sync.${name}: a GPU's results cannot be waited for: await ${spec.name}.${name}(…) instead`); });
  }

  get adapter(): string { return this.#session.gpu.name; }
  get gpu(): GPUDevice { return this.#session.gpu.device; }
  get arena(): ArenaInfo { return this.#session.memory.arena; }
  get counts(): { readonly buffers: number; readonly submits: number } { return { buffers: this.#session.memory.created, submits: this.#session.submits }; }

  /** On the host: a call uploads it, as any other input. */
  buffer<D extends DType, const S extends readonly number[]>(dtype: D, shape: S): Tensor<D, S> { return makeBuffer(dtype, shape); }

  // ---- variables

  async read(name: string): Promise<Tensor> {
    const spec = this.#specOf(name);
    return this.#readTensor(this.#session.variables[name], spec.dtype, spec.shape);
  }

  write(name: string, value: unknown): void {
    const spec = this.#specOf(name), host = { [name]: new arrayTypes[spec.dtype](sizeOf(spec.shape)) as TypedArray };
    new Variables(this.#spec, { variables: host }).write(name, value);
    void this.#inOrder(() => this.#session.memory.write(this.#session.variables[name], host[name]));
  }

  /** What a buffer has when all calls so far are done. */
  async #readTensor(buffer: GPUBuffer, dtype: DType, shape: readonly number[], call?: number): Promise<Tensor> {
    const size = sizeOf(shape);
    const data = await this.#inOrder(() => this.#session.readBack([buffer], [copiedBytes(dtype, size)], (bytes) => fromWords(dtype, bytes, 0, size), call)).then((x) => x());
    return new HostTensor(dtype, shape, data);
  }

  async save(): Promise<Uint8Array> {
    const specs = this.#spec.variables, sizes = specs.map((v) => copiedBytes(v.dtype, sizeOf(v.shape)));
    const take = (bytes: ArrayBuffer): Record<string, TensorLike> => {
      let end = 0;
      return Object.fromEntries(specs.map((v, i): [string, TensorLike] => {
        const start = end;
        end += sizes[i];
        return [v.name, { ...v, data: fromWords(v.dtype, bytes, start, sizeOf(v.shape)) }];
      }));
    };
    const tensors = await this.#inOrder(() => this.#session.readBack(specs.map((v) => this.#session.variables[v.name]), sizes, take)).then((x) => x());
    return (this.#saved = writeSafetensors(tensors, { format: "chainrule", model: this.name }));
  }

  restore(file: Uint8Array | ArrayBuffer): void {
    this.#overlay(file, "the saved file", () => true);
    this.#saved = new Uint8Array(file as ArrayBuffer).slice();
  }

  overlay(file: Uint8Array, what: string): void { this.#overlay(file, what, (v) => v === "parameter"); }

  #overlay(file: Uint8Array | ArrayBuffer, what: string, must: (role: "parameter" | "state") => boolean): void {
    const host = Object.fromEntries(this.#spec.variables.map((v): [string, TypedArray] => [v.name, new arrayTypes[v.dtype](sizeOf(v.shape))]));
    new Variables(this.#spec, { variables: host }).overlay(file, what, (v) => must(v.role));
    const names = [...readSafetensors(file, what).keys()];
    void this.#inOrder(() => { for (const name of names) this.#session.memory.write(this.#session.variables[name], host[name]); });
  }

  reset(seed = this.#seed): void {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`a seed is an integer from 0, not ${String(seed)}`);
    const init = this.#spec.functions.$init;
    const key = Uint32Array.of(seed, Math.floor(seed / 2 ** 32)); // low word first
    if (init) this.#submit("$init", Object.fromEntries(init.inputs.map((x) => [x.name, key])), false).catch((e: unknown) => this.#session.fail(e));
    if (this.#initial) this.#overlay(this.#initial, `the weights of ${this.name}`, () => false);
  }

  #specOf(name: string): ModelSpec["variables"][number] { return new Variables(this.#spec, { variables: {} }).specOf(name); }

  // ---- calls

  /** Runs a job when all before it have been handed to the device: at once, if nothing waits. */
  #inOrder<T>(job: () => T | Promise<T>): Promise<T> {
    let running: Promise<T>;
    if (this.#tail) running = this.#tail.then(job);
    else {
      const result = job();
      if (!(result instanceof Promise)) return Promise.resolve(result);
      running = result;
    }
    const settled: Promise<void> = running.then(() => {}, () => {}).then(() => { if (this.#tail === settled) this.#tail = undefined; });
    this.#tail = settled;
    return running;
  }

  async #call(name: string, inputs: Inputs, options?: CallOptions): Promise<Outputs> {
    try {
      const { outputs } = this.#spec.functions[name];
      if (options) {
        const { binding } = this.#take(name, inputs);
        checkOptions(outputs.map((o) => ({ ...o, shape: o.shape.map((d) => evaluate(d, binding)) })), options);
      }
      const submitted = await this.#submit(name, inputs, true);
      const results = await this.#results(outputs, submitted);
      return options ? moveInto(results, options) : results;
    } catch (e) {
      throw this.#explained(name, e);
    }
  }

  async #enqueue(name: string, inputs: Inputs): Promise<DeviceOutputs> {
    try {
      const spec = this.#spec.functions[name];
      const { bound, binding, call, recorder } = await this.#submit(name, inputs, false);
      await this.#session.checkCommands(recorder);
      return Object.fromEntries(spec.outputs.map((o, i): [string, DeviceTensor] => {
        const buffer = bound.buffers[this.#kernels.functions[name].outputs[i]], shape = o.shape.map((d) => evaluate(d, binding));
        const read = async (): Promise<Tensor> => {
          if (call !== this.#calls) throw new Error(`${this.name}.${name}: ${o.name} has been overwritten by a later call: read it before, or call ${this.name}.${name}(…) itself`);
          return this.#readTensor(buffer, o.dtype, shape, call);
        };
        const tensor = { dtype: o.dtype, shape, buffer, read };
        this.#made.set(tensor, call);
        return [o.name, tensor];
      }));
    } catch (e) {
      throw this.#explained(name, e);
    }
  }

  #explained(name: string, e: unknown): Error { return new Error(`${this.name}.${name}: ${e instanceof Error ? e.message : String(e)}`, { cause: e }); }

  async #submit(name: string, inputs: Inputs, reads: boolean): Promise<Submitted> {
    this.#session.check();
    const { given, binding } = this.#take(name, inputs);
    const early = this.#tail && copied(given);
    return this.#inOrder(() => {
      const bound = this.#ready(name, binding, given, reads);
      if (!(bound instanceof Promise)) return this.#start(name, bound, binding, early ?? given, reads);
      const own = early ?? copied(given);
      return bound.then((b) => this.#start(name, b, binding, own, reads));
    });
  }

  /**
   * A function with its buffers, once it may be handed to the device: not where a queued call before it has failed that
   * nobody was told of. Who waits for results anyway waits for those calls first; so does a function that takes what such
   * a call has made, and could not see that this is nothing.
   */
  #ready(name: string, binding: Binding, given: readonly Given[], waits: boolean): Bound | Promise<Bound> {
    const session = this.#session, { faults } = session;
    const check = (bound: Bound): Bound | Promise<Bound> => {
      session.check();
      if (name.startsWith("$")) return bound; // nobody to tell
      const takes = this.#takesUnsure(given);
      faults.tell(takes ? this.#calls : undefined);
      return faults.isRead || !(waits || (takes && !bound.canFault)) ? bound : session.reports().then(() => check(bound));
    };
    const bound = this.#bindings.get(name, binding, given);
    return bound instanceof Promise ? bound.then(check) : check(bound);
  }

  /** Whether a call takes results of the one before it, which may have failed. */
  #takesUnsure(given: readonly Given[]): boolean { return this.#mayHaveFailed && given.some((g) => g.madeBy !== undefined); }

  #take(name: string, inputs: Inputs): { given: readonly Given[]; binding: Binding } {
    const spec = this.#spec.functions[name];
    checkNames(spec, inputs);
    const given = spec.inputs.map((x): Given => {
      const value = inputs[x.name], g = arrive(x, value);
      return g.buffer && this.#session.memory.has(g.buffer) ? { ...g, buffer: undefined, from: g.buffer, madeBy: this.#made.get(value as object) ?? this.#calls } : g;
    });
    return { given, binding: bindSymbols(spec.inputs, given.map((g) => g.arrived), this.#spec.symbols) };
  }

  /** Uploads the inputs and hands the commands to the device. */
  #start(name: string, bound: Bound, binding: Binding, given: readonly Given[], reads: boolean): Submitted | Promise<Submitted> {
    const session = this.#session, fn = this.#kernels.functions[name], spec = this.#spec.functions[name];
    const recorder = new Recorder(session.device, `${this.name}.${name}`, given.some((g) => g.buffer ?? g.from));
    const uploads = this.#arrange(name, bound, given, recorder);
    const sizes = reads ? this.#outputBytes(spec, binding) : [];
    const report = reads && bound.canFault ? reportBytes : 0, total = sizes.reduce((a, b) => a + b, report);
    const staging = total > 0 ? session.memory.staging(total) : undefined;
    // nothing throws from here to where it is submitted, which the ring relies on
    session.ring.upload(uploads, recorder);
    const call = this.#count(bound, given, recorder);
    const end = (): Submitted => {
      if (staging) {
        recorder.copy(session.fault, staging, report);
        let at = report;
        sizes.forEach((bytes, i) => { recorder.copy(bound.buffers[fn.outputs[i]], staging, bytes, at); at += bytes; });
      } else if (bound.canFault) session.faults.add(session.fault, name, call, recorder);
      recorder.submit();
      if (!session.isPolled) session.ring.mapAgain();
      session.memory.retire();
      session.count(recorder.submits, bound.naps);
      return { bound, binding, call, recorder, staging, submits: session.submits };
    };
    if (!bound.isHostDriven) {
      recorder.run(bound.commands);
      return end();
    }
    return recorder.runHostDriven(bound.commands, (pred, r) => session.isTrue(pred, r)).then(end);
  }

  /** The number of a call that is to begin, in which no index has been out of range: unless it takes results of one that has failed, and fails with it. */
  #count({ canFault }: Bound, given: readonly Given[], recorder: Recorder): number {
    if (canFault && !this.#takesUnsure(given)) recorder.clear(this.#session.fault);
    this.#mayHaveFailed = canFault;
    return ++this.#calls;
  }

  /** Puts inputs that are on the device where the kernels read them, and says what is to be uploaded. */
  #arrange(name: string, { buffers }: Bound, given: readonly Given[], recorder: Recorder): readonly Upload[] {
    const fn = this.#kernels.functions[name], spec = this.#spec.functions[name];
    const uploads: Upload[] = [];
    for (const [i, { data, from, arrived, madeBy = this.#calls }] of given.entries()) {
      if (madeBy !== this.#calls) throw new Error(`what is given for ${spec.inputs[i].name} has been overwritten by a later call: give it to the next, or read it before`);
      const to = buffers[fn.buffers.findIndex((b) => "input" in b && b.input === spec.inputs[i].name)];
      if (data) uploads.push({ data, to });
      if (from) recorder.copy(from, to, copiedBytes(spec.inputs[i].dtype, arrived.data.length));
    }
    return uploads;
  }

  #outputBytes(spec: FunctionSpec, binding: Binding): number[] {
    return spec.outputs.map((o) => copiedBytes(o.dtype, sizeOf(o.shape.map((d) => evaluate(d, binding)))));
  }

  async #results(outputs: FunctionSpec["outputs"], submitted: Submitted): Promise<Outputs> {
    const { staging, binding, bound, recorder, submits } = submitted;
    const take = (bytes: ArrayBuffer): Outputs => {
      let end = 0;
      if (bound.canFault) {
        this.#throwFault(bytes);
        end = reportBytes;
      }
      return Object.fromEntries(outputs.map((o): [string, Tensor] => {
        const shape = o.shape.map((d) => evaluate(d, binding)), size = sizeOf(shape), start = end;
        end += copiedBytes(o.dtype, size);
        return [o.name, new HostTensor(o.dtype, shape, fromWords(o.dtype, bytes, start, size))];
      }));
    };
    const results = staging ? await this.#session.arrived(staging, take, submits) : take(new ArrayBuffer(0));
    await this.#session.checkCommands(recorder);
    return results;
  }

  #throwFault(bytes: ArrayBuffer): void {
    const fault = this.#session.faultIn(new Int32Array(bytes, 0, reportBytes / 4));
    if (fault) throw fault;
  }

  // ---- the device

  /** Time of each kernel of a function, with the user's lines; the call counts as any other. */
  async profile(name: string, inputs: Inputs = {}): Promise<readonly KernelTime[]> {
    if (!(name in this.functions)) throw new Error(`${this.name} has no function "${name}"`);
    try {
      const taken = this.#take(name, inputs), { binding } = taken, given = copied(taken.given);
      return await this.#inOrder(async () => {
        const bound = await this.#ready(name, binding, given, true), session = this.#session;
        const recorder = new Recorder(session.device, "profile");
        session.ring.upload(this.#arrange(name, bound, given, recorder), recorder);
        this.#count(bound, given, recorder);
        recorder.submit();
        const times = await profileCommands(bound.commands, session);
        if (bound.canFault) await session.readBack([session.fault], [reportBytes], (bytes) => { this.#throwFault(bytes); })();
        return times;
      });
    } catch (e) {
      throw this.#explained(name, e);
    }
  }

  async recover(): Promise<void> {
    const gpu = await this.#session.again();
    this.#session = await Session.start(gpu, this.#spec, this.#kernels);
    this.#bindings = new Bindings(this.#spec, this.#session);
    this.reset();
    if (this.#saved) this.restore(this.#saved);
    await this.#tail;
    this.#session.check();
  }

  destroy(): void { this.#session.destroy(); }
}

/** What is given to a call that waits: the caller may change what it gave. */
const copied = (given: readonly Given[]): readonly Given[] => given.map((g) => (g.data ? { ...g, data: g.data.slice() } : g));
