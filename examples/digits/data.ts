import { readFileSync } from "node:fs";
import { tensor } from "chainrule/runtime";

const read = (name: string): Buffer => readFileSync(new URL(`./data/${name}`, import.meta.url));

/** The 1,797 UCI digits: `x` of shape [1797, 64] with pixels from 0 (background) to 1 (ink), `label` from 0 to 9. */
export function digits() {
  const images = read("images.u8"), labels = read("labels.u8");
  return {
    x: tensor(Float32Array.from(images, (v) => v / 16), [-1, 64]),
    label: tensor(Int32Array.from(labels), [-1]),
  };
}
