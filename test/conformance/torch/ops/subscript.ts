import { isTensor, type Marked, type PyValue } from "../arguments.ts";
import { Unsupported } from "../../outcome.ts";
import type { Tensor } from "chainrule";

type Index = Parameters<Tensor["at"]>[number];

/** The index list of `torch.Tensor.__getitem__` as arguments of `at`. */
export function indexOf(list: PyValue | undefined): Index[] {
  return (Array.isArray(list) ? list : [list]).map((item: PyValue): Index => {
    if (isTensor(item)) {
      if (item.dtype === "bool") throw new Unsupported("indexing with a bool mask: the shape of the result depends on data");
      return item;
    }
    if (item === null || typeof item === "number") return item;
    const marked = item as Marked;
    if ("ellipsis" in marked) return "...";
    if ("slice" in marked) return marked.slice as Index;
    throw new Error(`an index of an unknown kind: ${JSON.stringify(item)}`);
  });
}
