/** Flags of WebGPU by their numbers: Node has no globals with their names. */
export const usage = { mapRead: 1, mapWrite: 2, copySrc: 4, copyDst: 8, uniform: 64, storage: 128, queryResolve: 512 } as const;
export const computeStage = 4;
export const readMode = 1, writeMode = 2;
