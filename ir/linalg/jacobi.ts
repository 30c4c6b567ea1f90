import { scan } from "../control/scan.ts";
import { whileLoop } from "../control/while.ts";
import { tensor, zeros } from "../tensor/creation.ts";
import { cat } from "../tensor/join.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { identity, isEmpty } from "./matrix.ts";

/** More sweeps than any matrix needs: convergence is quadratic, and 5 to 10 are usual. */
const mostSweeps = 40;

/**
 * One-sided Jacobi (Hestenes 1958; Golub & Van Loan, 8.6.3): turns pairs of columns of `[…, m, n]` until all are orthogonal,
 * and gives these, `A·V`, and `V`, `[…, n, n]`. A round turns half as many pairs as there are columns at once, as in the
 * rounds of a tournament, so that a sweep is n - 1 rounds of whole rows. Sizes are numbers, and elements about 1 in size.
 */
export function orthogonalize(a: Tensor): readonly [turned: Tensor, v: Tensor] {
  const [m, n] = a.shape.slice(-2) as number[], batch = a.shape.slice(0, -2);
  if (n === 1 || isEmpty(a)) return [a, identity(n, a.dtype).expand([...batch, n, n])];
  const width = n + (n % 2), half = width / 2;
  // V rides along below A: the same turns make it of the identity
  const both = cat([a, identity(n, a.dtype).expand([...batch, n, n])], -2);
  const even = n === width ? both : cat([both, zeros([...batch, m + n, 1], a.dtype)], -1);
  const epsilon = a.dtype === "f64" ? 2 ** -52 : 2 ** -23;

  /** Turns column i of the left half against column i of the right one; also the largest cosine between them before. */
  const turn = (left: Tensor, right: Tensor): readonly [left: Tensor, right: Tensor, cosine: Tensor] => {
    const l = left.narrow(-2, 0, m), r = right.narrow(-2, 0, m);
    const ll = l.square().sum(-2, true), rr = r.square().sum(-2, true), lr = l.mul(r).sum(-2, true);
    const scale = ll.sqrt().mul(rr.sqrt()), isTurned = lr.abs().gt(scale.mul(epsilon)).logicalAnd(scale.gt(0));
    const zeta = rr.sub(ll).div(isTurned.where(lr, 1).mul(2));
    const tangent = zeta.ge(0).where(1, -1).div(zeta.abs().add(zeta.square().add(1).sqrt()));
    const t = isTurned.where(tangent, 0), c = t.square().add(1).rsqrt(), s = c.mul(t);
    const cosine = isTurned.where(lr.abs().div(isTurned.where(scale, 1)), 0);
    return [left.mul(c).sub(right.mul(s)), left.mul(s).add(right.mul(c)), cosine.amax()];
  };
  // who meets whom next: the first stays, the others move on by one seat
  const seats = (ofLeft: readonly number[], ofRight: readonly number[]): readonly [number[], number[]] => {
    if (half === 1) return [[...ofLeft], [...ofRight]];
    return [[ofLeft[0], ofRight[0], ...ofLeft.slice(1, -1)], [...ofRight.slice(1), ofLeft[half - 1]]];
  };
  const [nextLeft, nextRight] = seats(Array.from({ length: half }, (_, i) => i), Array.from({ length: half }, (_, i) => half + i));
  const moveOn = tensor([...nextLeft, ...nextRight], "i32");

  const sweep = (columns: Tensor): readonly [Tensor, Tensor] => {
    const initial: readonly [Tensor, Tensor] = [columns, zeros([], a.dtype)];
    const [result] = scan(([columns, worst]: typeof initial): readonly [typeof initial, null] => {
      const [left, right, cosine] = turn(columns.narrow(-1, 0, half), columns.narrow(-1, half, half));
      return [[cat([left, right], -1).indexSelect(-1, moveOn), worst.maximum(cosine)], null];
    }, initial, null, { length: width - 1 });
    return result;
  };
  const start: readonly [Tensor, Tensor, Tensor] = [even, tensor(1, a.dtype), tensor(0, "i32")];
  const [columns] = whileLoop(start,
    ([, worst, sweeps]) => worst.gt(4 * epsilon).logicalAnd(sweeps.lt(mostSweeps)),
    ([columns, , sweeps]) => [...sweep(columns), sweeps.add(1)] as const);
  const kept = columns.narrow(-1, 0, n); // a sweep ends with everyone in the seat they began in
  return [kept.narrow(-2, 0, m), kept.narrow(-2, m, n)];
}
