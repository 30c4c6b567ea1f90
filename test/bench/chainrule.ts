import { compile, type Target } from "chainrule/compiler";
import type { LoadOptions } from "chainrule/runtime";
import { instantiate } from "../../compiler/artifact/index.ts";
import { Unavailable, type Contender } from "./contender.ts";
import { workloads } from "./workloads/index.ts";

/** chainrule itself, compiled for a target, on one thread or several. */
export function create({ target, threads }: { readonly target: Target; readonly threads?: number }): Contender {
  return async ({ id, inputs, weights }) => {
    const w = workloads.find((x) => x.id === id)!;
    const options: LoadOptions = { device: target, ...(threads !== undefined && { threads }) };
    const model = await instantiate(compile(w.model(), { target }), options).catch((e: Error) => { throw new Unavailable(e.message); });
    const reset = (): void => {
      model.reset();
      for (const [name, value] of Object.entries(weights)) model.write(name, value);
    };
    reset();
    const call = model.sync[w.call];
    return { call: () => call(inputs)[w.output].data, ...(w.calls > 1 && { reset }) };
  };
}
