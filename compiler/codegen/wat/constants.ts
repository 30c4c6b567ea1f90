/** The same number in all four lanes, as it is printed. */
const vectorConstant = /\(v128\.const (f32x4|i32x4) ([^\s()]+) \2 \2 \2\)/g;

/** Vectors that an engine makes out of nothing. */
const isCheap = (lane: string): boolean => lane === "0" || lane === "-1";

/**
 * Numbers of 32 bits that loops read from memory. To V8 a constant vector is three instructions wherever it is used,
 * and one read before a loop is a register or a place on the stack; pairs of vectors that it makes one of 256 bits have
 * their constants in common then.
 */
export class NumberPool {
  /** Its words lie from here on. */
  readonly address: number;
  private readonly places = new Map<number, number>();

  constructor(address: number) { this.address = address; }

  get words(): Uint32Array { return Uint32Array.from(this.places.keys()); }

  /** The address of the word that is in each lane of a constant. */
  place(shape: string, lane: string): number {
    const word = shape === "i32x4" ? Number(lane) >>> 0 : bitsOfFloat(lane);
    const place = this.places.get(word) ?? this.address + 4 * this.places.size;
    this.places.set(word, place);
    return place;
  }
}

/**
 * The lines of a loop with its constant vectors in locals, and what sets these before it.
 * @param fresh declares a local, @param place gives the address of a constant's number
 */
export function hoistConstants(lines: readonly string[], fresh: () => string, place: (shape: string, lane: string) => number): { readonly before: readonly string[]; readonly lines: readonly string[] } {
  const locals = new Map<string, string>(), before: string[] = [];
  const hoisted = lines.map((line) => line.replace(vectorConstant, (constant, shape: string, lane: string) => {
    if (isCheap(lane)) return constant;
    let local = locals.get(constant);
    if (local === undefined) {
      locals.set(constant, (local = fresh()));
      before.push(`(local.set ${local} (v128.load32_splat offset=${place(shape, lane)} (i32.const 0))) (;${lane};)`);
    }
    return `(local.get ${local})`;
  }));
  return { before, lines: hoisted };
}

function bitsOfFloat(lane: string): number {
  const value = lane.endsWith("inf") ? (lane.startsWith("-") ? -Infinity : Infinity) : lane === "nan" ? NaN : Number(lane);
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}
