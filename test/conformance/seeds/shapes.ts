import { cat, defineModel, f32, tensor, type Tensor } from "chainrule";
import { numberOf, type SeedPrograms } from "./run.ts";

/** Tensors and their shapes: views, joins, axes. */
export const shapes: SeedPrograms = {
  "seed3/float_tensor_1d": async (s) => {
    const values = s.plain<number[]>("values");
    const { t0, t1, last, ...rest } = await s.run({}, () => {
      const t = tensor(values, "f32");
      s.expect("dim", t.dim());
      s.expect("shape", t.shape);
      s.expect("dtype", t.dtype === "f32" ? "float32" : t.dtype);
      return { t, t0: t.at(0), t1: t.at(1), last: t.at(-1), "t[2:5]": t.at("2:5"), "t[4:-1]": t.at([4, -1]), "t[:2]": t.at(":2"), "t[3:]": t.at([3]) };
    });
    s.expectAll(rest);
    s.expect("t[0],t[1],t[-1]", [t0, t1, last].map(numberOf));
  },
  "seed3/view_squeeze_unsqueeze": (s) => s.evaluate(["a"], ({ a }) => {
    s.expect("unsqueeze_0_size", a.unsqueeze(0).shape);
    s.expect("unsqueeze_2_size", a.unsqueeze(2).shape);
    s.expect("unsqueeze_-1_size", a.unsqueeze(-1).shape);
    s.expect("view_-1_size", a.view([-1]).shape);
    s.expect("squeeze_of_no_unit_dim_size", a.squeeze().shape);
    s.expectRefused("bad_view_is_error", () => a.view([5, 3]));
    const view = a.view([3, 4, 1]);
    return { view_3_4_1: view, view_3_4_1_squeeze: view.squeeze(), unsqueeze_0: a.unsqueeze(0), unsqueeze_2: a.unsqueeze(2), "view_2_-1": a.view([2, -1]) };
  }),
  "seed3/batch_shapes": (s) => {
    const samples = s.number("samples"), dim = s.number("dim"), vision = s.plain<number[]>("vision");
    // only shapes are asked for, and these are known before anything runs
    defineModel("batches", (m) => {
      m.fn("run", { data: f32(samples, dim), images: f32(...vision) }, ({ data, images }: { data: Tensor; images: Tensor }) => {
        const batches = data.split(s.number("batch_size"));
        s.expect("data_shape", data.shape);
        s.expect("batch_shape", batches[0].shape);
        s.expect("batches", batches.length);
        s.expect("last_batch_shape", batches[batches.length - 1].shape);
        s.expect("numel_of_a_batch", batches[0].numel() as number);
        s.expect("vision_shape", images.shape);
        s.expect("vision_dim", images.dim());
        s.expect("flattened_vision_shape", images.flatten(1).shape);
        return { data };
      });
    });
  },
  "seed4/squeeze_unsqueeze": (s) => s.evaluate(["t"], ({ t }) => ({
    unsqueeze_0: t.unsqueeze(0), unsqueeze_1: t.unsqueeze(1), unsqueeze_2: t.unsqueeze(2),
    squeeze_back: t.unsqueeze(0).squeeze(0), view_4: t.view([4]), reshape_4_1: t.reshape([4, 1]),
  })),
  "seed4/swapdims": (s) => s.evaluate(["x", "x234"], ({ x, x234 }) => ({
    x_0_1: x.swapdims(0, 1), x_0_2: x.swapdims(0, 2), x234_0_2: x234.swapdims(0, 2), "x234_1_-1": x234.swapdims(1, -1),
  })),
  "seed4/numel": (s) => {
    const counts = s.plain<number[][]>("shapes").map((shape) => tensor(0, "f32").expand(shape).numel());
    s.expect("numel", counts);
  },
  "seed4/chunk": async (s) => {
    const cases = await Promise.all(s.plain<[number, number][]>("cases").map(async ([length, chunks]) => {
      const parts = await s.run({}, () => {
        const numbers = tensor(Array.from({ length }, (_, i) => i), "i32");
        return Object.fromEntries(numbers.chunk(chunks).map((part, i) => [i, part]));
      });
      const lists = Object.values(parts).map((p) => Array.from(p.data));
      return { length, chunks, count: lists.length, sizes: lists.map((p) => p.length), parts: lists };
    }));
    s.expect("cases", cases);
    for (const dim of [0, 1]) {
      const parts = await s.run(["m"], ({ m }) => {
        const [first, second] = m.chunk(2, dim);
        return { first, second };
      });
      s.expect(`m_dim${dim}`, [parts.first, parts.second]);
    }
  },
  "seed4/dim_semantics": async (s) => {
    const { max1, at1, max0, at0, ...rest } = await s.run(["m", "m3"], ({ m, m3 }) => {
      const row = m.max(1), column = m.max(0);
      return {
        sum_dim0: m.sum(0), sum_dim1: m.sum(1), mean_dim0: m.mean(0), "sum_dim-1": m.sum(-1), sum_dim1_keepdim: m.sum(1, true),
        max1: row.values, at1: row.indices, max0: column.values, at0: column.indices,
        m3_sum_dim0: m3.sum(0), m3_sum_dim1: m3.sum(1), m3_sum_dim2: m3.sum(2), m3_sum_dim0_2: m3.sum([0, 2]),
        cat_dim0: cat([m, m], 0), cat_dim1: cat([m, m], 1),
      };
    });
    s.expectAll(rest);
    s.expect("max_dim1", [max1, at1]);
    s.expect("max_dim0", [max0, at0]);
  },
};
