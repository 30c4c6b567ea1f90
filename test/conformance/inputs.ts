import { bf16, bool, f16, f32, f64, i32, u32, u8, type Dim, type DType } from "chainrule";

const declare = { f16, bf16, f32, f64, i32, u32, u8, bool };

/** The declaration of a function's input. */
export const inputOf = (dtype: DType, shape: readonly Dim[]) => declare[dtype](...shape);
