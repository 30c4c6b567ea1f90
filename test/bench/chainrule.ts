import { compile, type Target } from "chainrule/compiler";
import type { LoadOptions } from "chainrule/runtime";
import { instantiate } from "../../compiler/artifact/index.ts";
import { Unavailable, type Contender } from "./contender.ts";
import { workloads } from "./workloads/index.ts";

/** chainrule itself, compiled for a target, on one thread or several. */
export function create({ target, threads, vectorBits }: { readonly target: Target; readonly threads?: number; readonly vectorBits?: 128 | 256 }): Contender {
  return async ({ id, inputs, weights }) => {
    const w = workloads.find((x) => x.id === id)!;
    const options: LoadOptions = { device: target, ...(threads !== undefined && { threads }) };
    const model = await instantiate(compile(w.model(), { target, ...(vectorBits && { vectorBits }) }), options).catch((e: Error) => { throw new Unavailable(e.message); });
    const reset = (): void => {
      model.reset();
      for (const [name, value] of Object.entries(weights)) model.write(name, value);
    };
    reset();
    // as with its peers, inputs that do not change are in the library's memory before the call
    const held = Object.fromEntries(Object.entries(inputs).map(([name, { dtype, shape, data }]) => {
      const buffer = model.buffer(dtype, shape);
      (buffer.data as Float32Array | Int32Array).set(data);
      return [name, buffer];
    }));
    const call = model.sync[w.call];
    return { call: () => call(held, { outputs: "view" })[w.output].data, ...(w.calls > 1 && { reset }) };
  };
}
