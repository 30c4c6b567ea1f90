import { expect, test } from "vitest";
import { dtypes } from "../../ir/types/index.ts";
import { arrayTypes } from "../../runtime/tensor.ts";

test("the runtime numbers the dtypes as the compiler does: a sort is called with a number", () => {
  expect(Object.keys(arrayTypes)).toEqual(dtypes);
});
