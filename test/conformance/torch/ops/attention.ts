import { nn } from "chainrule";
import { row, type Table } from "../row.ts";

export const attention: Table = {
  scaled_dot_product_attention: row("query key value attn_mask dropout_p is_causal", (a) =>
    [nn.functional.scaledDotProductAttention(a.tensor("query"), a.tensor("key"), a.tensor("value"), {
      attnMask: a.tensorOr("attn_mask"), dropoutP: a.number("dropout_p", 0), isCausal: a.bool("is_causal", false), enableGqa: a.bool("enable_gqa", false),
      ...(a.has("scale") && { scale: a.number("scale") }),
    })]),
};
