import { defineModel, f32, full, vjp, whileLoop } from "chainrule";

/** y = 2x, doubled until its norm passes 1000, and the product of a vector with the Jacobian of all that. */
export default defineModel("doubling", (m) => {
  m.fn("run", { x: f32("N"), vector: f32("N") }, ({ x, vector }) => {
    const { y, trips } = whileLoop(
      { y: x.mul(2), trips: full([], 0, "i32") },
      ({ y }) => y.norm().lt(1000),
      ({ y, trips }) => ({ y: y.mul(2), trips: trips.add(1) }),
      { maxTrips: 64 }, // the derivative keeps what it needs of this many
    );
    return { y, norm: y.norm(), trips, gradient: vjp(y, x, vector) };
  });
});
