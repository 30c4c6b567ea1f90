import imagesUrl from "../../digits/data/images.u8?url";
import labelsUrl from "../../digits/data/labels.u8?url";

/** Images in rows of 64, and what they show. */
export interface Images {
  readonly x: Float32Array<ArrayBuffer>;
  readonly label: Int32Array<ArrayBuffer>;
}

const pixels = 64;

/** The 1,797 UCI digits, every fifth of them held out. */
export async function loadDigits(): Promise<{ train: Images; test: Images }> {
  const read = async (url: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const [images, labels] = await Promise.all([read(imagesUrl), read(labelsUrl)]);
  const rows = Array.from(labels, (_, i) => i);
  const of = (chosen: readonly number[]): Images => rowsOf({ x: Float32Array.from(images, (v) => v / 16), label: Int32Array.from(labels) }, chosen);
  return { train: of(rows.filter((i) => i % 5 !== 0)), test: of(rows.filter((i) => i % 5 === 0)) };
}

export function rowsOf({ x, label }: Images, rows: readonly number[]): Images {
  const some = { x: new Float32Array(rows.length * pixels), label: new Int32Array(rows.length) };
  rows.forEach((row, i) => {
    some.x.set(x.subarray(row * pixels, (row + 1) * pixels), i * pixels);
    some.label[i] = label[row];
  });
  return some;
}

/** Rows in a new order, `size` at a time, without end. */
export function* shuffledBatches(images: Images, size: number): Generator<Images> {
  const order = Array.from(images.label, (_, i) => i);
  for (;;) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (let start = 0; start + size <= order.length; start += size) yield rowsOf(images, order.slice(start, start + size));
  }
}
