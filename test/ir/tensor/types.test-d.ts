import { expectTypeOf } from "vitest";
import { arange, cat, eye, full, grad, linear, linspace, ones, scalar, stack, tensor, where, zeros, type Dim, type DType, type Shape, type Tensor } from "chainrule";

/** What the compiler infers; checked by `tsc --noEmit`, never run. */
declare const x: Tensor<["B", 64], "f32">;
declare const y: Tensor<["B", 64], "f32">;
declare const w: Tensor<[64, 10], "f32">;
declare const b: Tensor<[10], "f32">;
declare const image: Tensor<["B", 3, 8, 8], "f32">;
declare const i: Tensor<[4], "i32">;
declare const d: Tensor<[4], "f64">;
declare const u: Tensor;
declare const n: number;
declare const shape: Shape;

// ---- a tensor is a Tensor, whatever its parameters
expectTypeOf(x).toExtend<Tensor>();
expectTypeOf(x).toExtend<Tensor<["B", 64]>>();
expectTypeOf<Tensor>().not.toExtend<Tensor<["B", 64]>>();
expectTypeOf<Tensor<["B", 63]>>().not.toExtend<Tensor<["B", 64]>>();
expectTypeOf(x.shape).toEqualTypeOf<["B", 64]>();
expectTypeOf(x.dtype).toEqualTypeOf<"f32">();

// ---- elementwise: shapes broadcast, dtypes are promoted
expectTypeOf(x.relu()).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(i.exp()).toEqualTypeOf<Tensor<[4], "f32">>();
expectTypeOf(x.add(y)).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(x.add(1)).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(zeros([3, 1]).mul(zeros(["B", 1, 4]))).toEqualTypeOf<Tensor<["B", 3, 4], "f32">>();
expectTypeOf(i.add(d)).toEqualTypeOf<Tensor<[4], "f64">>();
expectTypeOf(i.add(2)).toEqualTypeOf<Tensor<[4], "i32">>();
expectTypeOf(i.add(2.5)).toEqualTypeOf<Tensor<[4], "f32">>();
expectTypeOf(i.add(-2)).toEqualTypeOf<Tensor<[4], "i32">>();
expectTypeOf(i.add(scalar(2, "float"))).toEqualTypeOf<Tensor<[4], "f32">>();
expectTypeOf(i.add(n)).toEqualTypeOf<Tensor<[4], "i32" | "f32">>();
expectTypeOf(x.mul(zeros([], "f64"))).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(zeros([], "i32").add(zeros([3], "u8"))).toEqualTypeOf<Tensor<[3], "u8">>();
expectTypeOf(i.div(2)).toEqualTypeOf<Tensor<[4], "f32">>();
expectTypeOf(i.div(2, { roundingMode: "floor" })).toEqualTypeOf<Tensor<[4], "i32">>();
expectTypeOf(i.floorDivide(2)).toEqualTypeOf<Tensor<[4], "i32">>();
expectTypeOf(x.gt(0)).toEqualTypeOf<Tensor<["B", 64], "bool">>();
expectTypeOf(x.gt(0).add(true)).toEqualTypeOf<Tensor<["B", 64], "bool">>();
expectTypeOf(x.gt(0).where(x, 0)).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(where(i.eq(1), 2, d)).toEqualTypeOf<Tensor<[4], "f64">>();
expectTypeOf(x.clamp(0, 1)).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(x.isNan()).toEqualTypeOf<Tensor<["B", 64], "bool">>();
expectTypeOf(x.convert("i32")).toEqualTypeOf<Tensor<["B", 64], "i32">>();

// ---- products
expectTypeOf(x.matmul(w)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(x.matmul(w).add(b)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(zeros([2, 1, 4, 5]).matmul(zeros(["B", 5, 6]))).toEqualTypeOf<Tensor<[2, "B", 4, 6], "f32">>();
expectTypeOf(zeros([5]).matmul(zeros(["B", 5, 6]))).toEqualTypeOf<Tensor<["B", 6], "f32">>();
expectTypeOf(zeros(["B", 5]).matmul(zeros([5]))).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(zeros([5]).matmul(zeros([5]))).toEqualTypeOf<Tensor<[], "f32">>();
expectTypeOf(x.mm(w)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(x.mv(zeros([64]))).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(zeros(["B", 2, 3]).bmm(zeros(["B", 3, 4]))).toEqualTypeOf<Tensor<["B", 2, 4], "f32">>();
expectTypeOf(linear(x, zeros([10, 64]), b)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(linear(x, zeros([64]))).toEqualTypeOf<Tensor<["B"], "f32">>();

// ---- shapes
expectTypeOf(image.reshape("B", 192)).toEqualTypeOf<Tensor<["B", 192], "f32">>();
expectTypeOf(image.reshape(["B", 192])).toEqualTypeOf<Tensor<["B", 192], "f32">>();
expectTypeOf(image.reshape("B", -1)).toEqualTypeOf<Tensor<["B", 192], "f32">>();
expectTypeOf(x.reshape(-1, 8, 8)).toEqualTypeOf<Tensor<["B", 8, 8], "f32">>();
expectTypeOf(x.reshape(-1)).toEqualTypeOf<Tensor<["64*B"], "f32">>();
expectTypeOf(image.flatten(1)).toEqualTypeOf<Tensor<["B", 192], "f32">>();
expectTypeOf(image.flatten(1, 2)).toEqualTypeOf<Tensor<["B", 24, 8], "f32">>();
expectTypeOf(zeros(["B", "T", 8]).flatten(0, 1)).toEqualTypeOf<Tensor<[Dim, 8], "f32">>();
expectTypeOf(x.unsqueeze(-1)).toEqualTypeOf<Tensor<["B", 64, 1], "f32">>();
expectTypeOf(zeros([1, "B", 1]).squeeze()).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(zeros([1, "B", 1]).squeeze(0)).toEqualTypeOf<Tensor<["B", 1], "f32">>();
expectTypeOf(x.t()).toEqualTypeOf<Tensor<[64, "B"], "f32">>();
expectTypeOf(image.mT()).toEqualTypeOf<Tensor<["B", 3, 8, 8], "f32">>();
expectTypeOf(image.transpose(1, -1)).toEqualTypeOf<Tensor<["B", 8, 8, 3], "f32">>();
expectTypeOf(image.permute(0, 2, -1, 1)).toEqualTypeOf<Tensor<["B", 8, 8, 3], "f32">>();
expectTypeOf(image.permute([0, 2, 3, 1])).toEqualTypeOf<Tensor<["B", 8, 8, 3], "f32">>();
expectTypeOf(b.expand("B", 10)).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(zeros([3, 1]).expand(-1, 4)).toEqualTypeOf<Tensor<[3, 4], "f32">>();
expectTypeOf(x.narrow(1, 0, 8)).toEqualTypeOf<Tensor<["B", 8], "f32">>();
expectTypeOf(x.select(-1, 0)).toEqualTypeOf<Tensor<["B"], "f32">>();

// ---- joins
expectTypeOf(cat([x, zeros(["B", 10])], 1)).toEqualTypeOf<Tensor<["B", 74], "f32">>();
expectTypeOf(cat([x, zeros([1, 64])])).toEqualTypeOf<Tensor<["B+1", 64], "f32">>();
expectTypeOf(cat([x, y])).toEqualTypeOf<Tensor<["2*B", 64], "f32">>();
expectTypeOf(cat([x, zeros(["T", 64], "f64")])).toEqualTypeOf<Tensor<[Dim, 64], "f64">>();
expectTypeOf(stack([x, y, x], -1)).toEqualTypeOf<Tensor<["B", 64, 3], "f32">>();

// ---- reductions
expectTypeOf(x.sum()).toEqualTypeOf<Tensor<[], "f32">>();
expectTypeOf(i.sum()).toEqualTypeOf<Tensor<[], "i32">>();
expectTypeOf(x.gt(0).sum(0)).toEqualTypeOf<Tensor<[64], "i32">>();
expectTypeOf(x.mean(-1)).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(x.mean(-1, true)).toEqualTypeOf<Tensor<["B", 1], "f32">>();
expectTypeOf(x.mean(-1, { keepdim: true })).toEqualTypeOf<Tensor<["B", 1], "f32">>();
expectTypeOf(image.sum([0, -1])).toEqualTypeOf<Tensor<[3, 8], "f32">>();
expectTypeOf(image.var([2, 3], { correction: 0, keepdim: true })).toEqualTypeOf<Tensor<["B", 3, 1, 1], "f32">>();
expectTypeOf(x.var(1)).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(x.std(1, { unbiased: false })).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(x.varMean(0)[1]).toEqualTypeOf<Tensor<[64], "f32">>();
expectTypeOf(x.norm(2, 1, { keepdim: true })).toEqualTypeOf<Tensor<["B", 1], "f32">>();
expectTypeOf(x.sum(undefined, true)).toEqualTypeOf<Tensor<[1, 1], "f32">>();
expectTypeOf(x.max()).toEqualTypeOf<Tensor<[], "f32">>();
expectTypeOf(x.max(1).values).toEqualTypeOf<Tensor<["B"], "f32">>();
expectTypeOf(x.max(1).indices).toEqualTypeOf<Tensor<["B"], "i32">>();
expectTypeOf(x.argmax(-1)).toEqualTypeOf<Tensor<["B"], "i32">>();
expectTypeOf(x.any()).toEqualTypeOf<Tensor<[], "bool">>();
expectTypeOf(x.softmax(-1)).toEqualTypeOf<Tensor<["B", 64], "f32">>();
expectTypeOf(i.cumsum(0)).toEqualTypeOf<Tensor<[4], "i32">>();
expectTypeOf(x.topk(5).values).toEqualTypeOf<Tensor<["B", 5], "f32">>();

// ---- indexing
expectTypeOf(x.gather(1, zeros(["B", 2], "i32"))).toEqualTypeOf<Tensor<["B", 2], "f32">>();
expectTypeOf(x.indexSelect(0, i)).toEqualTypeOf<Tensor<[4, 64], "f32">>();
expectTypeOf(i.oneHot(10)).toEqualTypeOf<Tensor<[4, 10], "i32">>();

// ---- creation
expectTypeOf(zeros([2, "B"])).toEqualTypeOf<Tensor<[2, "B"], "f32">>();
expectTypeOf(ones([], "i32")).toEqualTypeOf<Tensor<[], "i32">>();
expectTypeOf(full([2], 1)).toEqualTypeOf<Tensor<[2], "i32">>();
expectTypeOf(full([2], 1, "f64")).toEqualTypeOf<Tensor<[2], "f64">>();
expectTypeOf(arange(5)).toEqualTypeOf<Tensor<[5], "i32">>();
expectTypeOf(arange("T")).toEqualTypeOf<Tensor<["T"], "i32">>();
expectTypeOf(linspace(0, 1, 5)).toEqualTypeOf<Tensor<[5], "f32">>();
expectTypeOf(eye(3)).toEqualTypeOf<Tensor<[3, 3], "f32">>();
expectTypeOf(tensor([[1, 2, 3], [4, 5, 6]], "f32")).toEqualTypeOf<Tensor<[2, 3], "f32">>();
expectTypeOf(tensor(new Float32Array(3))).toEqualTypeOf<Tensor<[number], "f32">>();

// ---- derivatives have the types of what they are taken of
expectTypeOf(grad(x.sum(), [x, w])[1]).toExtend<Tensor<[64, 10], "f32">>();

// ---- what is not known passes, and stays unknown
expectTypeOf(u.add(x)).toEqualTypeOf<Tensor<Shape, DType>>();
expectTypeOf(x.add(u)).toEqualTypeOf<Tensor<Shape, DType>>();
expectTypeOf(u.matmul(w)).toEqualTypeOf<Tensor<Shape, DType>>();
expectTypeOf(u.sum()).toEqualTypeOf<Tensor<[], DType>>();
expectTypeOf(u.sum(1).mean(n)).toEqualTypeOf<Tensor<Shape, DType>>();
expectTypeOf(x.sum(n)).toEqualTypeOf<Tensor<Shape, "f32">>();
expectTypeOf(u.reshape("B", 64)).toEqualTypeOf<Tensor<["B", 64], DType>>();
expectTypeOf(x.reshape(shape).relu()).toExtend<Tensor<Shape, "f32">>();
expectTypeOf(zeros([n, 64]).matmul(w)).toEqualTypeOf<Tensor<[number, 10], "f32">>();
expectTypeOf(cat([u, x])).toEqualTypeOf<Tensor<Shape, DType>>();

// ---- layers infer through what leading dimensions they do not touch
declare function layer<I extends Dim, O extends Dim>(from: I, to: O): <Lead extends readonly Dim[]>(input: Tensor<readonly [...Lead, I], "f32">) => Tensor<[...Lead, O], "f32">;
expectTypeOf(layer(128, 10)(layer(64, 128)(x).relu())).toEqualTypeOf<Tensor<["B", 10], "f32">>();
expectTypeOf(layer(8, 2)(image)).toEqualTypeOf<Tensor<["B", 3, 8, 2], "f32">>();
