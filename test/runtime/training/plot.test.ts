import { describe, expect, test } from "vitest";
import { linePlot, sparkline } from "chainrule/runtime";

describe("sparkline", () => {
  test("from the least to the greatest", () => { expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█"); });
  test("one level for values that are all the same", () => { expect(sparkline([3, 3, 3])).toBe("▁▁▁"); });
  test("a dot for what is not finite", () => { expect(sparkline([0, NaN, 7, Infinity])).toBe("▁·█·"); });
  test("nothing for nothing", () => {
    expect(sparkline([])).toBe("");
    expect(sparkline([NaN])).toBe("·");
  });
  test("neighbours are averaged where there are too many", () => {
    expect(sparkline([0, 0, 3.5, 3.5, 7, 7], 3)).toBe("▁▅█");
    expect(sparkline(Array.from({ length: 200_000 }, (_, i) => i), 8)).toBe("▁▂▃▄▅▆▇█");
  });
});

/** What an SVG has, by tag; fails where it is not well-formed XML, and for a number that is none. */
function elements(svg: string): { tag: string; attributes: Record<string, string>; text: string }[] {
  const open: string[] = [], found: ReturnType<typeof elements> = [];
  let end = 0;
  for (const m of svg.matchAll(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>([^<]*)/g)) {
    expect(m.index, "stray characters").toBe(end);
    end = m.index + m[0].length;
    expect(m[5]).not.toMatch(/&(?!#\d+;)/);
    const [, closes, tag, attributes, alone, text] = m;
    if (closes) expect(open.pop()).toBe(tag);
    else {
      found.push({ tag, attributes: Object.fromEntries([...attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map((a) => [a[1], a[2]])), text: text.trim() });
      if (!alone) open.push(tag);
    }
  }
  expect(end).toBe(svg.length);
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  return found;
}
const curves = (svg: string): string[] => elements(svg).filter((e) => e.tag === "path").map((e) => e.attributes["d"]);
/** Subpaths as points. */
const pointsOf = (d: string): [number, number][][] => d.split("M").slice(1).map((part) => part.replace("h0", "").split("L").map((p) => p.split(" ").map(Number) as [number, number]));
const texts = (svg: string): string[] => elements(svg).filter((e) => e.tag === "text").map((e) => e.text);

describe("linePlot", () => {
  test("an SVG of its own, with title, axes and legend", () => {
    const svg = linePlot({ training: [3, 2, 1], validation: [3, 2.5, 2] }, { title: "loss & \"more\" <here>", xLabel: "epoch", yLabel: "loss", width: 400, height: 300 });
    const [root] = elements(svg);
    expect(root).toMatchObject({ tag: "svg", attributes: { xmlns: "http://www.w3.org/2000/svg", viewBox: "0 0 400 300", width: "400", height: "300" } });
    expect(texts(svg)).toEqual(["loss &#38; &#34;more&#34; &#60;here&#62;", "1", "1.5", "2", "2.5", "3", "1", "1.5", "2", "2.5", "3", "epoch", "loss", "training", "validation"]);
    expect(curves(svg)).toHaveLength(2);
  });
  test("points lie where they should: x to the right, y upward, the ends at the edges", () => {
    const [[points]] = curves(linePlot({ a: { x: [0, 5, 10], y: [1, 3, 2] } })).map(pointsOf);
    const [[x0, y0], [x1, y1], [x2, y2]] = points;
    expect(x1).toBeCloseTo((x0 + x2) / 2, 1);
    expect(y1).toBeLessThan(y2);
    expect(y2).toBeCloseTo((y0 + y1) / 2, 0);
    expect([x0, x2, y1, y0]).toEqual([64, 624, 16, 328]);
  });
  test("a gap where a value is not finite; a point alone is a dot", () => {
    const [d] = curves(linePlot({ a: [1, 2, NaN, 3, Infinity, 2, 1] }));
    expect(pointsOf(d).map((part) => part.length)).toEqual([2, 1, 2]);
    expect(d.match(/M[^ML]*h0/g)).toHaveLength(3);
    expect(curves(linePlot({ a: [5] }))[0]).toMatch(/^M[\d. ]+h0$/);
  });
  test("equal ratios are equal distances on a logarithmic axis", () => {
    const svg = linePlot({ a: [1, 0.1, 0.01] }, { log: true });
    const [[[, a], [, b], [, c]]] = pointsOf(curves(svg)[0]);
    expect(b - a).toBeCloseTo(c - b, 1);
    expect(texts(svg).slice(0, 3)).toEqual(["0.01", "0.1", "1"]);
  });
  test("a logarithmic axis over many powers shows some of them, over part of one its ends", () => {
    const labels = texts(linePlot({ a: { x: [0, 1], y: [1e-30, 1] } }, { log: true }));
    expect(labels.length).toBeLessThan(20);
    expect(labels[0]).toBe("1e-30");
    expect(texts(linePlot({ a: [3, 2] }, { log: true })).slice(0, 2)).toEqual(["2", "3"]);
  });
  test("ranges that are hard: one value, a hair's breadth, huge, many points", () => {
    expect(texts(linePlot({ a: [2.5, 2.5] }))[0]).toBe("2.5");
    expect(texts(linePlot({ a: [1, 1 + 2 ** -52] })).length).toBeLessThan(12);
    elements(linePlot({ a: [-1e300, 1e300] }));
    elements(linePlot({ a: Array.from({ length: 150_000 }, (_, i) => Math.sin(i)) }));
  });
  test("ticks are round numbers that cover the range", () => {
    const ticks = (low: number, high: number): string[] => texts(linePlot({ a: { x: [0, 0], y: [low, high] } })).slice(0, -2);
    expect(ticks(0, 1)).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    expect(ticks(-3, 47)).toEqual(["0", "10", "20", "30", "40"]);
    expect(ticks(0, 0.0007)).toEqual(["0", "2e-4", "4e-4", "6e-4"]);
  });
  test("what cannot be drawn is refused", () => {
    expect(() => linePlot({})).toThrow("there is nothing to plot");
    expect(() => linePlot({ a: [NaN, Infinity] })).toThrow("there is nothing to plot");
    expect(() => linePlot({ a: [1, 0] }, { log: true })).toThrow("a logarithmic axis cannot show values of 0 or below");
    expect(() => linePlot({ a: { x: [1, 2], y: [1, 2, 3] } })).toThrow(`the curve "a" has 2 x values and 3 y values`);
  });
});
