/** An instruction of a module: where it begins, and its opcode. */
export interface Instruction {
  readonly at: number;
  readonly code: number;
}

/** The opcode of an instruction with a prefix. */
export const opcode = (prefix: number, code: number): number => prefix * 0x1000 + code;

const header = 8, codeSection = 10;

/** Walks the instructions of a module as an assembler writes it (WebAssembly core specification 2.0, chapter 5). */
export function* instructionsOf(module: Uint8Array): Generator<Instruction> {
  const bytes = new Reader(module, header);
  while (bytes.at < module.length) {
    const section = bytes.byte(), end = bytes.unsigned() + bytes.at;
    if (section === codeSection) for (let functions = bytes.unsigned(); functions > 0; functions--) yield* instructionsOfBody(bytes);
    bytes.at = end;
  }
}

function* instructionsOfBody(bytes: Reader): Generator<Instruction> {
  const end = bytes.unsigned() + bytes.at;
  for (let groups = bytes.unsigned(); groups > 0; groups--) { // locals: how many, of which type
    bytes.unsigned();
    bytes.byte();
  }
  while (bytes.at < end) {
    const { at } = bytes, first = bytes.byte(), code = first >= 0xfc ? opcode(first, bytes.unsigned()) : first;
    yield { at, code };
    skipImmediates(bytes, code);
  }
}

/** Opcodes by what follows them. Whatever is not here is followed by nothing. */
const isIn = (code: number, from: number, to: number): boolean => code >= from && code <= to;
const simd = (from: number, to = from) => [opcode(0xfd, from), opcode(0xfd, to)] as const;

function skipImmediates(bytes: Reader, code: number): void {
  if (isIn(code, 0x02, 0x04) || isIn(code, 0x3f, 0x40)) bytes.at++; // block, loop, if: a type; memory.size, memory.grow
  else if (isIn(code, 0x0c, 0x0d) || code === 0x10 || isIn(code, 0x20, 0x24) || isIn(code, 0x41, 0x42)) bytes.unsigned(); // branches, calls, variables, integers
  else if (isIn(code, 0x28, 0x3e) || isIn(code, ...simd(0, 11)) || isIn(code, ...simd(92, 93))) bytes.memory();
  else if (code === 0x43) bytes.at += 4;
  else if (code === 0x44) bytes.at += 8;
  else if (isIn(code, ...simd(12, 13))) bytes.at += 16; // v128.const, i8x16.shuffle
  else if (isIn(code, ...simd(21, 34))) bytes.at++; // lanes
  else if (isIn(code, ...simd(84, 91))) {
    bytes.memory();
    bytes.at++; // loads and stores of a lane
  } else if (code === opcode(0xfc, 10)) bytes.at += 2; // memory.copy
  else if (code === opcode(0xfc, 11)) bytes.at++; // memory.fill
  else if (code === 0x0e || code === 0x11 || code === 0x1c || code >= opcode(0xfe, 0)) throw new Error(`internal: instruction ${code.toString(16)} is not expected in a kernel`);
}

class Reader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number { return this.bytes[this.at++]; }

  /** An integer in LEB128. A signed one is as long. */
  unsigned(): number {
    let value = 0, shift = 0, byte: number;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte & 0x80);
    return value;
  }

  /** What says where in memory: an alignment and an offset. */
  memory(): void {
    this.unsigned();
    this.unsigned();
  }
}
