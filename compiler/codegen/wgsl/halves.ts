import { isHalf, type Half } from "../../../ir/types/index.ts";
import type { Kernel, Stmt } from "../../loops/ir.ts";

const rounding = { f16: "roundF16", bf16: "roundBF16" } as const;

/**
 * A kernel whose buffers have no halves: an element of any dtype takes 32 bits on a GPU, where invocations side by side
 * could not write the halves of one word. A half is an f32 there that is rounded as it is stored.
 */
export function withoutHalves(kernel: Kernel): Kernel {
  const dtypeOf = (arg: number): Half | undefined => {
    const dtype = kernel.args[arg]?.dtype;
    return dtype !== undefined && isHalf(dtype) ? dtype : undefined;
  };
  if (!kernel.args.some((a) => isHalf(a.dtype))) return kernel;
  const rounded = (body: readonly Stmt[]): Stmt[] => body.map((s): Stmt => {
    if (s.kind === "loop") return { ...s, body: rounded(s.body) };
    const dtype = s.kind === "store" ? dtypeOf(s.arg) : undefined;
    return s.kind === "store" && dtype ? { ...s, value: { kind: "scalar", dtype: "f32", op: rounding[dtype], args: [s.value] } } : s;
  });
  return { ...kernel, args: kernel.args.map((a) => (isHalf(a.dtype) ? { ...a, dtype: "f32" } : a)), body: rounded(kernel.body) };
}
