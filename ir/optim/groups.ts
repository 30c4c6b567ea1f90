import { check, GraphError } from "../graph/error.ts";
import { variableOf } from "../model/trace.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A parameter: the tensor itself, its name, or an expression that its name matches. */
export type ParameterSelector = Tensor | string | RegExp;

/** Options that hold for some parameters: `{ params: [/bias$/], weightDecay: 0 }`. */
export type Groups<O> = readonly ({ readonly params: readonly ParameterSelector[] } & Partial<O>)[];

/** For each parameter the options of the group it is in, if any. Throws where two groups claim one, or a selector selects none. */
export function selectGroups<O>(optimizer: string, params: readonly Tensor[], groups: Groups<O> = []): (Partial<O> | undefined)[] {
  const names = params.map((p) => variableOf(p).attrs.name);
  const chosen: (number | undefined)[] = params.map(() => undefined);
  for (const [g, group] of groups.entries())
    for (const selector of group.params) {
      const matches = names.map((name, i) => selects(selector, name, params[i]));
      check(matches.includes(true), () => `${optimizer}: group ${g} names ${describe(selector)}, which is none of the parameters trained`, `they are: ${names.join(", ")}`);
      for (const [i, match] of matches.entries()) {
        if (!match) continue;
        if (chosen[i] !== undefined && chosen[i] !== g) throw new GraphError(`${optimizer}: "${names[i]}" is in the groups ${chosen[i]} and ${g}`, "a parameter may be in one group");
        chosen[i] = g;
      }
    }
  return chosen.map((g) => {
    if (g === undefined) return undefined;
    const { params: _, ...options } = groups[g];
    return options as unknown as Partial<O>;
  });
}

const selects = (selector: ParameterSelector, name: string, param: Tensor): boolean =>
  selector instanceof Tensor ? selector.value === param.value : typeof selector === "string" ? selector === name : selector.test(name);

const describe = (selector: ParameterSelector): string =>
  selector instanceof Tensor ? `"${variableOf(selector).attrs.name}"` : typeof selector === "string" ? `"${selector}"` : String(selector);
