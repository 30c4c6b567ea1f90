import { check, GraphError } from "../graph/error.ts";
import type { Init } from "../graph/node.ts";
import { shapeText } from "../types/index.ts";
import { fanInAndOut, gainOf, type Nonlinearity } from "./fan.ts";

/** How a variable of some shape starts. */
export type Initialiser = (shape: readonly number[]) => Init;

/** Numbers, nested as the tensor is: `[[1, 2], [3, 4]]`. */
export type Nested = number | boolean | readonly Nested[];
type Elements = Nested | ArrayLike<number>;

/** What `init` may be given as: an initialiser, a number for every element, or the elements themselves. */
export type InitLike = Initialiser | Init | Elements;

/** Uniform in [low, high); [0, 1) unless given. PyTorch: `nn.init.uniform_`. */
export const uniform = (low = 0, high = 1): Initialiser => () => ({ kind: "uniform", low, high });
/** Normal of a mean and a standard deviation; 0 and 1 unless given. PyTorch: `nn.init.normal_`. */
export const normal = (mean = 0, std = 1): Initialiser => () => ({ kind: "normal", mean, std });
/** Every element the same. PyTorch: `nn.init.constant_`. */
export const constant = (value: number): Initialiser => () => ({ kind: "constant", value });
/** PyTorch: `nn.init.zeros_`. */
export const zeros: Initialiser = constant(0);
/** PyTorch: `nn.init.ones_`. */
export const ones: Initialiser = constant(1);

/** Glorot & Bengio (2010): U(±gain·sqrt(6 / (fanIn + fanOut))). PyTorch: `nn.init.xavier_uniform_`. */
export const xavierUniform = ({ gain = 1 }: { gain?: number } = {}): Initialiser => (shape) => {
  const { fanIn, fanOut } = fanInAndOut(shape);
  return symmetric(gain * Math.sqrt(6 / (fanIn + fanOut)));
};

/** Glorot & Bengio (2010): N(0, gain²·2 / (fanIn + fanOut)). PyTorch: `nn.init.xavier_normal_`. */
export const xavierNormal = ({ gain = 1 }: { gain?: number } = {}): Initialiser => (shape) => {
  const { fanIn, fanOut } = fanInAndOut(shape);
  return { kind: "normal", mean: 0, std: gain * Math.sqrt(2 / (fanIn + fanOut)) };
};

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows; 0 unless given. */
  readonly a?: number;
  /** `fanIn` keeps the variance forwards, `fanOut` backwards. */
  readonly mode?: "fanIn" | "fanOut";
  /** `leakyRelu` unless given. */
  readonly nonlinearity?: Nonlinearity;
}

const kaiming = (shape: readonly number[], { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number =>
  gainOf(nonlinearity, a) / Math.sqrt(fanInAndOut(shape)[mode]);

/** He et al. (2015): U(±gain·sqrt(3 / fan)). PyTorch: `nn.init.kaiming_uniform_`. */
export const kaimingUniform = (options: KaimingOptions = {}): Initialiser => (shape) => symmetric(Math.sqrt(3) * kaiming(shape, options));

/** He et al. (2015): N(0, gain² / fan). PyTorch: `nn.init.kaiming_normal_`. */
export const kaimingNormal = (options: KaimingOptions = {}): Initialiser => (shape) => ({ kind: "normal", mean: 0, std: kaiming(shape, options) });

/**
 * Normal of a mean and a standard deviation, drawn again where it is outside [low, high]; 0, 1, -2 and 2 unless given. PyTorch: `nn.init.trunc_normal_`.
 */
export const truncNormal = ({ mean = 0, std = 1, low = -2, high = 2 }: { mean?: number; std?: number; low?: number; high?: number } = {}): Initialiser => {
  check(std > 0 && low < high, () => `init.truncNormal with std ${std} from ${low} to ${high}`, "std must be above 0, and low below high");
  return () => ({ kind: "truncatedNormal", mean, std, low, high });
};

/**
 * Saxe et al. (2013): orthonormal rows, or columns where there are fewer, of the tensor as a matrix `[first size, the others]`,
 * times `gain`: the Q of a matrix of normal numbers. PyTorch: `nn.init.orthogonal_`.
 */
export const orthogonal = ({ gain = 1 }: { gain?: number } = {}): Initialiser => (shape) => {
  check(shape.length >= 2, () => `init.orthogonal of ${shapeText(shape)}`, "it needs two dimensions or more");
  return { kind: "orthogonal", gain };
};

/**
 * A convolution `[out, in, …kernel]` that keeps its input channels, in as many of its outputs as there are: ones in the middle
 * of the kernels of its groups' diagonals. PyTorch: `nn.init.dirac_`.
 */
export const dirac = ({ groups = 1 }: { groups?: number } = {}): Initialiser => (shape) => {
  const [out, channels, ...kernel] = shape;
  check(shape.length >= 3 && shape.length <= 5 && out % groups === 0, () => `init.dirac of ${shapeText(shape)} in ${groups} groups`, "it needs a convolution's weight [out, in, …kernel] whose outputs the groups divide");
  const size = kernel.reduce((a, b) => a * b, 1), middle = kernel.reduce((at, d) => at * d + Math.floor(d / 2), 0), perGroup = out / groups;
  const values = Array<number>(out * channels * size).fill(0);
  for (let o = 0; o < out; o++) if (o % perGroup < channels) values[(o * channels + (o % perGroup)) * size + middle] = 1;
  return { kind: "data", data: values };
};

/** Ones on the diagonal of a matrix. PyTorch: `nn.init.eye_`. */
export const eye: Initialiser = (shape) => {
  check(shape.length === 2, () => `init.eye of ${shapeText(shape)}`, "it needs two dimensions");
  const [rows, columns] = shape;
  return { kind: "data", data: Array.from({ length: rows * columns }, (_, i) => (Math.floor(i / columns) === i % columns ? 1 : 0)) };
};

/** The elements themselves: nested as the tensor is, or flat in row-major order. PyTorch: `torch.nn.Parameter(torch.tensor(…))`. */
export const data = (elements: Elements): Initialiser => (shape) => {
  const flat = flatten(elements, shape);
  const size = shape.reduce((a, b) => a * b, 1);
  check(flat.length === size, () => `init.data: ${flat.length} elements for the shape ${shapeText(shape)}, which has ${size}`);
  return { kind: "data", data: flat };
};

/** The flat elements; where they come nested, each level must have the size of its dimension. */
function flatten(elements: Elements, shape: readonly number[]): number[] {
  if (!Array.isArray(elements)) return typeof elements === "object" ? Array.from(elements as ArrayLike<number>) : [Number(elements)];
  if (elements.every((x) => !Array.isArray(x))) return elements.map(Number);
  const [size, ...rest] = shape;
  check(elements.length === size, () => `init.data: ${elements.length} items where the shape ${shapeText(shape)} has ${size}`);
  return elements.flatMap((x: Nested) => {
    check(rest.length > 0, "init.data: nested deeper than the shape has dimensions");
    const row = flatten(x, rest);
    check(row.length === rest.reduce((a, b) => a * b, 1), () => `init.data: a row of ${row.length} elements where the shape has ${shapeText(rest)}`);
    return row;
  });
}

const symmetric = (bound: number): Init => ({ kind: "uniform", low: -bound, high: bound });

/** The init of a variable, from however it was given. */
export function initOf(given: InitLike, shape: readonly number[], what: () => string): Init {
  const init = typeof given === "function" ? given(shape)
    : typeof given === "number" ? { kind: "constant" as const, value: given }
    : isInit(given) ? given
    : data(given as Elements)(shape);
  const numbers = init.kind === "constant" ? [init.value] : init.kind === "uniform" ? [init.low, init.high] : init.kind === "normal" ? [init.mean, init.std] : init.kind === "truncatedNormal" ? [init.mean, init.std, init.low, init.high] : init.kind === "orthogonal" ? [init.gain] : [];
  if (numbers.some(Number.isNaN)) throw new GraphError(`${what()}: its init is ${JSON.stringify(init)}, which is not a number`);
  return init;
}

const isInit = (x: InitLike): x is Init => typeof x === "object" && "kind" in x;
