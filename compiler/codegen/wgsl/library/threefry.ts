const rotations = [[13, 15, 26, 6], [17, 29, 16, 24]], keys = ["k0", "k1", "k2"];

function rounds(): string[] {
  const lines: string[] = [];
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) lines.push("x0 += x1;", `x1 = ((x1 << ${r}u) | (x1 >> ${32 - r}u)) ^ x0;`);
    lines.push(`x0 += ${keys[(group + 1) % 3]};`, `x1 += ${keys[(group + 2) % 3]} + ${group + 1}u;`);
  }
  return lines;
}

/** Threefry-2x32 with 20 rounds (Salmon et al., SC 2011): word 0 of counter (c0, c1) under key (k0, k1). */
export const threefry = `
fn threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> u32 {
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var x0 = c0 + k0;
  var x1 = c1 + k1;
${rounds().map((line) => `  ${line}`).join("\n")}
  return x0;
}
`;
