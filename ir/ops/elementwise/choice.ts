import { check } from "../../graph/error.ts";
import { isFloat, roundTo, sameShape, sameType, typeText, type DType } from "../../types/index.ts";
import { op, tabulate } from "../record.ts";

/** The second operand where the first (bool) holds, else the third. The branch not taken leaks nothing, not even NaN. */
export const select = op<{}>({
  kind: "elementwise",
  infer([pred, a, b]) {
    check(pred.dtype === "bool" && sameShape(pred.shape, a.shape) && sameType(a, b), () => `internal: select of ${typeText(pred)}, ${typeText(a)}, ${typeText(b)}`);
    return [a];
  },
  evaluate: ([pred, a, b], _, [out]) => [tabulate(out, (_, i) => (pred.data[i] ? a.data[i] : b.data[i]))],
});

/**
 * Changes the dtype. Float to integer truncates toward zero and wraps in 32 bits (NaN and infinities give 0);
 * to u8 it keeps the low 8 bits; to bool it asks "is not zero" (NaN is true). To a float it rounds to nearest.
 */
export const convert = op<{ dtype: DType }>({
  kind: "elementwise",
  infer: ([x], { dtype }) => [{ dtype, shape: x.shape }],
  evaluate: ([x], { dtype }, [out]) => [tabulate(out, (_, i) => (isFloat(dtype) ? x.data[i] : roundTo(dtype, x.data[i])))],
});
