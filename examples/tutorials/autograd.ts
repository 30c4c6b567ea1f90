/** Gradients: of a mean, of the same twice over, and past what is detached. */
import { load } from "./dist/autograd/autograd.js";

const model = await load();
const x = [[1, 1], [1, 1]];

const { y, z, out, gradient } = await model.mean({ x });
export const mean = { y: y.toNested(), z: z.toNested(), out: out.item(), gradient: gradient.toNested() };
console.log(`y = x + 2          ${JSON.stringify(mean.y)}\nz = 3·y·y          ${JSON.stringify(mean.z)}\nout = mean(z)      ${mean.out}\nd out / d x        ${JSON.stringify(mean.gradient)}`);

const sum = (): number[][] => model.read("sum").toNested();
await model.backward({ x, cotangent: 1 });
export const once = sum();
await model.backward({ x, cotangent: 1 });
export const twice = sum();
await model.zeroGrad();
await model.backward({ x, cotangent: 0.5 });
export const half = sum();
console.log(`backward twice     ${JSON.stringify(twice)}\nwith cotangent ½   ${JSON.stringify(half)}`);

export const detached = Object.fromEntries(Object.entries(await model.detach({ x: [1.5, -2] })).map(([name, g]) => [name, g.toNested()]));
console.log(`x·x                ${JSON.stringify(detached.both)}\nx·detach(x)        ${JSON.stringify(detached.one)}\ndetach(x·x)·x      ${JSON.stringify(detached.square)}\ndetach(x·x)·x + x  ${JSON.stringify(detached.squareAndMore)}`);
export const summary = `every entry of the gradient is ${mean.gradient[0][0]}`;
