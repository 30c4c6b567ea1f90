import { fileSystem } from "./source.ts";

/** `(func (result v128) …)`: whether the engine takes a module with these instructions. */
const takes = (instructions: readonly number[]): boolean => typeof WebAssembly === "object" &&
  WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 4 + instructions.length, 1, 2 + instructions.length, 0, ...instructions, 11));
/** `(i8x16.splat (i32.const 0))`. */
const someVector = [65, 0, 253, 15];
/** `f32x4.relaxed_madd`, and as many bytes of `nop`. */
const madd = [253, 133, 2], nops = [1, 1, 1];

export const hasSimd = (): boolean => takes(someVector);
export const hasRelaxedSimd = (): boolean => takes([...someVector, ...someVector, ...someVector, ...madd]);

/** Compiles a module: with the multiply-adds `fused` that are said (see {@link "./wasm.ts".WasmKernels}), and for memory that threads share or not. */
export async function compile(code: URL | Uint8Array, fused: readonly number[], isShared: boolean): Promise<WebAssembly.Module> {
  const fs = fileSystem(), isHere = code instanceof Uint8Array || (fs !== undefined && code.protocol === "file:");
  const response = isHere ? undefined : await download(code);
  // a server that does not know the type of .wasm files keeps it from being compiled as it comes
  if (response && !isShared && response.headers.get("content-type")?.startsWith("application/wasm")) return WebAssembly.compileStreaming(fused.length > 0 ? fusing(response, fused) : response);
  const bytes = code instanceof Uint8Array ? code.slice() : response ? new Uint8Array(await response.arrayBuffer()) : fs!.readFileSync(code);
  fuse(bytes, 0, fused);
  if (isShared) share(bytes);
  // at once where that is allowed: functions are compiled when they are first called
  return isHere && fs ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes);
}

async function download(code: URL): Promise<Response> {
  const response = await fetch(code);
  if (!response.ok) throw new Error(`cannot load ${String(code)}: ${response.status} ${response.statusText}`);
  return response;
}

/** Makes one instruction of each multiply-add: of the piece of a module that begins at byte `from`. */
export function fuse(piece: Uint8Array, from: number, fused: readonly number[]): void {
  let at = -from;
  for (const step of fused) {
    at += step >> 1;
    for (const [i, byte] of (step & 1 ? madd : nops).entries()) if (at + i >= 0 && at + i < piece.length) piece[at + i] = byte;
  }
}

/** A module that is fused while it comes. */
function fusing(response: Response, fused: readonly number[]): Response {
  let from = 0;
  return new Response(response.body!.pipeThrough(new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, out) {
      fuse(piece, from, fused);
      from += piece.length;
      out.enqueue(piece);
    },
  })), response);
}

/** `(import "env" "memory" (memory …))` with a maximum, up to the flags that say so. */
const memoryImport = [3, ..."env".split("").map((c) => c.charCodeAt(0)), 6, ..."memory".split("").map((c) => c.charCodeAt(0)), 2, 1];
const sharedFlag = 3;

/**
 * Makes the module one for shared memory. The same code serves both; what differs is one byte, the flags of its memory:
 * "has a maximum", or "has a maximum and is shared". So engines that cannot share memory never see a module that does.
 */
function share(bytes: Uint8Array): void {
  const at = bytes.findIndex((_, i) => memoryImport.every((b, j) => bytes[i + j] === b));
  if (at < 0) throw new Error("its module imports no memory that could be shared");
  bytes[at + memoryImport.length - 1] = sharedFlag;
}
