/** Prints how long the first training step takes with jax-js, from its import on. */
const x = Float32Array.from({ length: 64 * 1000 }, (_, i) => Math.sin(i)), y = Float32Array.from({ length: 64 * 10 }, (_, i) => Math.cos(i));
const start1 = Float32Array.from({ length: 1000 * 100 }, (_, i) => Math.sin(2 * i)), start2 = Float32Array.from({ length: 100 * 10 }, (_, i) => Math.cos(2 * i));
Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 1, userAgent: "node" }, configurable: true });

/** What is used of jax-js, whose own types are there only once it is installed. */
interface Tensor { mul(by: number): Tensor; sub(by: Tensor): Tensor; data(): Promise<Float32Array> }
interface Jax {
  init(device: string): Promise<unknown>;
  defaultDevice(device: string): void;
  jit<F>(f: F): F;
  valueAndGrad<F extends (...args: [Tensor[], Tensor, Tensor]) => Tensor>(f: F): (...args: [Tensor[], Tensor, Tensor]) => [Tensor, Tensor[]];
  readonly tree: { ref<T>(tree: T): T };
  readonly numpy: {
    array(data: Float32Array, options: { shape: number[] }): Tensor;
    matmul(a: Tensor, b: Tensor): Tensor;
    maximum(a: Tensor, b: number): Tensor;
    square(a: Tensor): Tensor;
    sum(a: Tensor): Tensor;
  };
}

const start = performance.now();
const { init, defaultDevice, jit, numpy: np, tree, valueAndGrad } = await import(process.argv[2]) as Jax;
await init("wasm");
defaultDevice("wasm");
const loss = ([w1, w2]: Tensor[], inputs: Tensor, wanted: Tensor): Tensor => np.sum(np.square(np.matmul(np.maximum(np.matmul(inputs, w1), 0), w2).sub(wanted)));
const step = jit((w: Tensor[], inputs: Tensor, wanted: Tensor): [Tensor, Tensor[]] => {
  const [value, g] = valueAndGrad(loss)(tree.ref(w), inputs, wanted);
  return [value, w.map((v, i) => v.sub(g[i].mul(1e-6)))];
});
const weights = [np.array(start1, { shape: [1000, 100] }), np.array(start2, { shape: [100, 10] })];
const [value, stepped] = step(weights, np.array(x, { shape: [64, 1000] }), np.array(y, { shape: [64, 10] }));
const [first] = await value.data();
await Promise.all(stepped.map((w) => w.data()));
const end = performance.now();

if (!(first > 0)) throw new Error(`the loss is ${first}`);
console.log(end - start);
