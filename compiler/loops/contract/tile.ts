/** A register tile of a product: the accumulators that a step of its fold adds to, so many rows by so many vectors of columns. */
export interface RegisterTile {
  readonly rows: number;
  readonly vectors: number;
  /** How long a step takes, in steps of a tile of 4×8 (about 4.4 cycles measured). */
  readonly time: number;
  /** Whether two vectors are to be one: what is stored must be neighbours then. */
  readonly inPairs: boolean;
  /**
   * Packing for rows that a symbol counts must be so many times as fast as another way, where there are as many as is
   * typical: there may be one, for which packing takes longer than the product.
   */
  readonly leastGain: number;
}

/** Elements of a vector: 128 bits of f32 or i32. */
export const lanes = 4;

/** 4×8: 8 accumulators and 2 + 1 operands: what fits the 16 registers of x64. */
const single: RegisterTile = { rows: 4, vectors: 2, time: 1, inPairs: false, leastGain: 1 };
/**
 * 6×16: in vectors of 256 bits 12 accumulators and 2 + 1 operands; it takes multiply-adds in one step, as a product alone would
 * need another register.
 */
const paired: RegisterTile = { rows: 6, vectors: 4, time: 1.45, inPairs: true, leastGain: 1.6 };

/** Tiles by the bits of the engine's vectors: 128, or 256 where it makes one vector of two neighbours. */
export const registerTiles = { 128: [single], 256: [paired, single] } as const satisfies Record<number, readonly RegisterTile[]>;
export type VectorBits = keyof typeof registerTiles;

/** Accumulators of a tile, in those of one of 4×8. */
export const accumulatorsOf = ({ rows, vectors }: RegisterTile): number => rows * vectors / (single.rows * single.vectors);

/** Where vectors lie along the fold each accumulator ends as four sums, and no two vectors are neighbours. */
export const foldedTile = { rows: 4, vectors: 2 } as const;

/** Columns of a panel. */
export const panelWidth = (tile: RegisterTile): number => lanes * tile.vectors;
