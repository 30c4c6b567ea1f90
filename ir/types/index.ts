export * from "./dtype.ts";
export { roundBF16, roundF16 } from "./half.ts";
export * as dims from "./dim.ts";
export type { Dim, Shape } from "./dim.ts";
export * from "./type.ts";
