import { check, GraphError } from "../../graph/error.ts";
import { emitOne } from "../../graph/build.ts";
import { shapeText, type Dim, type DType, type Shape } from "../../types/index.ts";
import { wrap, type Tensor } from "../core.ts";
import { ones, tensor } from "../creation.ts";
import { cat, stack } from "../join.ts";
import { describe, requireFloat, select } from "../lift.ts";

/** Sampling images at any places. PyTorch: `torch.nn.functional.affine_grid` and `grid_sample`. */

export interface GridOptions {
  /** Whether −1 and 1 are the middles of the outermost elements, instead of the edges; false unless given. */
  readonly alignCorners?: boolean;
}

export interface GridSampleOptions extends GridOptions {
  /** `"bilinear"` unless given. */
  readonly mode?: "bilinear" | "nearest";
  /** What lies outside: zeros (unless given), the element at the border, or the image reflected. */
  readonly paddingMode?: "zeros" | "border" | "reflection";
}

/**
 * The places that an affine map takes the elements of an image to, for {@link gridSample}: `theta [N, 2, 3]` and `size
 * [N, C, H, W]` give `[N, H, W, 2]`, as (x, y) from −1 to 1; `[N, 3, 4]` and `[N, C, D, H, W]` give `[N, D, H, W, 3]`.
 * PyTorch: `F.affine_grid`.
 */
export function affineGrid<D extends DType>(theta: Tensor<Shape, D>, size: readonly number[], options?: GridOptions): Tensor<Shape, D>;
export function affineGrid(theta: Tensor, size: readonly number[], { alignCorners = false }: GridOptions = {}): Tensor {
  const n = size.length - 2, text = (): string => `affineGrid of ${describe(theta)} to ${shapeText(size)}`;
  requireFloat(theta, "affineGrid");
  check((n === 2 || n === 3) && theta.rank === 3 && theta.shape[1] === n && theta.shape[2] === n + 1 && theta.shape[0] === size[0], () => text(),
    "theta is [N, 2, 3] and the size [N, C, H, W], or [N, 3, 4] and [N, C, D, H, W]");
  const spatial = size.slice(2);
  // x varies along the last axis
  const coordinates = spatial.map((_, k) => {
    const axis = n - 1 - k, count = spatial[axis];
    const line = Array.from({ length: count }, (_, i) => (alignCorners ? (count > 1 ? (2 * i) / (count - 1) - 1 : 0) : (2 * i + 1) / count - 1));
    return tensor(line, theta.dtype).reshape(spatial.map((d, i) => (i === axis ? d : 1))).expand(spatial);
  });
  const homogeneous = cat([stack(coordinates, -1), ones([...spatial, 1], theta.dtype)], -1).reshape([-1, n + 1]);
  return homogeneous.matmul(theta.transpose(1, 2)).reshape([theta.shape[0], ...spatial, n]);
}

/**
 * `x [N, C, H, W]` at the places `grid [N, P, Q, 2]`, (x, y) from −1 (left, top) to 1 (right, bottom): `[N, C, P, Q]`.
 * Jaderberg et al. (2015). PyTorch: `F.grid_sample`.
 */
export function gridSample<D extends DType>(x: Tensor<Shape, D>, grid: Tensor<Shape, D>, options?: GridSampleOptions): Tensor<Shape, D>;
export function gridSample(x: Tensor, grid: Tensor, { mode = "bilinear", paddingMode = "zeros", alignCorners = false }: GridSampleOptions = {}): Tensor {
  const text = (): string => `gridSample of ${describe(x)} at ${describe(grid)}`;
  check(x.rank === 4 && grid.rank === 4 && grid.shape[3] === 2 && x.shape[0] === grid.shape[0] && x.dtype === grid.dtype, () => text(), "it takes [N, C, H, W] and [N, P, Q, 2] of one dtype");
  requireFloat(x, "gridSample");
  if (!["bilinear", "nearest"].includes(mode)) throw new GraphError(`${text()}: the mode is ${JSON.stringify(mode)}`, 'use "bilinear" or "nearest"');
  if (!["zeros", "border", "reflection"].includes(paddingMode)) throw new GraphError(`${text()}: the paddingMode is ${JSON.stringify(paddingMode)}`, 'use "zeros", "border" or "reflection"');
  const [horizontal, vertical] = [3, 2].map((axis, k) => {
    const size = x.shape[axis];
    check(typeof size === "number", () => `${text()}: axis ${axis} has ${size} elements`, "the image's size has to be a number");
    return { size, at: placeOf(grid.select(3, k), size, paddingMode, alignCorners) };
  });
  if (mode === "nearest") return at(x, vertical.at.round(), horizontal.at.round());
  const [top, left] = [vertical.at.floor(), horizontal.at.floor()];
  const down = vertical.at.sub(top), right = horizontal.at.sub(left);
  const corner = (dy: number, dx: number): Tensor => {
    const weight = (dy === 0 ? down.rsub(1) : down).mul(dx === 0 ? right.rsub(1) : right);
    return at(x, top.add(dy), left.add(dx)).mul(weight.unsqueeze(1));
  };
  return corner(0, 0).add(corner(0, 1)).add(corner(1, 0)).add(corner(1, 1));
}

/** A coordinate from −1 to 1 as a place along an axis, brought inside as the padding says. */
function placeOf(coordinate: Tensor, size: number, paddingMode: string, alignCorners: boolean): Tensor {
  const place = alignCorners ? coordinate.add(1).mul((size - 1) / 2) : coordinate.add(1).mul(size).sub(1).div(2);
  if (paddingMode === "zeros") return place;
  return inside(paddingMode === "border" ? place : reflected(place, alignCorners ? 0 : -0.5, alignCorners ? size - 1 : size - 0.5), size);
}

/** Kept from 0 to size − 1; derivative 0 on the bounds, as PyTorch has it here. */
const inside = (place: Tensor, size: number): Tensor => select(place.le(0), 0, select(place.ge(size - 1), size - 1, place));

/** A place reflected at `low` and `high` until it is between them. */
function reflected(place: Tensor, low: number, high: number): Tensor {
  const span = high - low;
  if (span === 0) return place.mul(0);
  const distance = place.sub(low).abs(), turns = distance.div(span).floor();
  const rest = distance.sub(turns.mul(span));
  return select(turns.remainder(2).eq(0), rest, rest.rsub(span)).add(low);
}

/** Elements of `x [N, C, H, W]` in rows and columns `[N, P, Q]`, which are whole; zeros outside. */
function at(x: Tensor, row: Tensor, column: Tensor): Tensor {
  const [height, width] = x.shape.slice(2) as readonly Dim[] as readonly number[];
  const isInside = row.ge(0).logicalAnd(row.le(height - 1)).logicalAnd(column.ge(0)).logicalAnd(column.le(width - 1));
  const index = (place: Tensor): Tensor => select(isInside, place, 0).convert("i32");
  const found = wrap(emitOne("gather", [x.value, index(row).value, index(column).value], { axes: [2, 3], batch: [[0, 0]] })); // [N, P, Q, C]
  return select(isInside.unsqueeze(1), found.movedim(-1, 1), 0);
}
