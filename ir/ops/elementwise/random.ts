import { check } from "../../graph/error.ts";
import { typeText } from "../../types/index.ts";
import { scalarOp, type ScalarRecord } from "./record.ts";
import { threefry } from "./special.ts";

/**
 * Counter-based random bits: word 0 of Threefry-2x32-20 for operands `(key0, key1, counter0, counter1)`, all u32.
 * A function like any other, so every target and thread draws the same bits.
 */
const base = scalarOp("threefry", {
  arity: 4, domain: "integer", eval: threefry, partials: null, js: "threefry($0, $1, $2, $3)", wgsl: "threefry($0, $1, $2, $3)", stablehlo: null, cost: 100,
});

export const random: { threefry: ScalarRecord } = {
  threefry: {
    ...base,
    infer(inputs, attrs, regions) {
      for (const x of inputs) check(x.dtype === "u32", () => `threefry takes u32, not ${typeText(x)}`);
      return base.infer(inputs, attrs, regions);
    },
  },
};
