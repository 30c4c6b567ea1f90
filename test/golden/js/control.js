// The kernels of tiny and the functions that call them.

function next(n) {
  n[0] += 1;
}

function less(n, test) {
  test[0] = n[0] < 5 ? 1 : 0;
}

function row(out, step0) {
  out[step0] = step0;
}

export const functions = {
  // loops() -> rows: i32[T]
  loops: {
    arena: ({ T }) => [4, 1, 4 * T],
    restore: [],
    bind({ T }, { arena, at }) {
      const n = new Int32Array(arena, at[0], 1);
      const test = new Uint8Array(arena, at[1], 1);
      const rows = new Int32Array(arena, at[2], T);
      return () => {
        for (;;) {
          less(n, test);
          if (!test[0]) break;
          next(n);
        }
        if (test[0]) {
          next(n);
        } else {
          for (let step0 = T - 1; step0 >= 0; step0--) {
            row(rows, step0);
          }
        }
        if (test[0]) {
          for (let step0 = 0; step0 < 3; step0++) {
            row(rows, step0);
          }
        }
        return [rows];
      };
    },
  },
};
