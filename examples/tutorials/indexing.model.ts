import { arange, defineModel, f32, grad, i32, ones, zeros } from "chainrule";

/** Picking, placing and cutting: indexSelect, gather, scatter, chunk. */
export default defineModel("indexing", (m) => {
  m.fn("select", { x: f32(3, 4), indices: i32("N") }, ({ x, indices }) => {
    const rows = x.indexSelect(0, indices);
    return { rows, columns: x.indexSelect(1, indices), gradient: grad(rows.square().sum(), x) };
  });

  m.fn("gather", { x: f32(2, 2), indices: i32(2, 1) }, ({ x, indices }) => {
    const diagonal = x.gather(1, indices);
    return { diagonal: diagonal.flatten(), gradient: grad(diagonal.square().sum(), x) };
  });

  m.fn("scatter", { source: i32(2, 5), rows: i32(1, 4), columns: i32(2, 3) }, ({ source, rows, columns }) => ({
    down: zeros([3, 5], "i32").scatter(0, rows, source),
    across: zeros([3, 5], "i32").scatter(1, columns, source),
  }));
  m.fn("count", { rows: i32(2, 5) }, ({ rows }) => ({ counts: ones([3, 5]).scatterAdd(0, rows, ones([2, 5])) }));

  m.fn("chunk", { x: f32(3, 4) }, ({ x }) => {
    const [top, bottom] = x.chunk(2, 0), [left, right] = x.chunk(2, 1);
    return { top, bottom, left, right };
  });
  for (const n of [11, 12, 13])
    m.fn(`chunk${n}`, {}, () => Object.fromEntries(arange(n).chunk(6).map((part, i) => [`part${i}`, part])));
});
