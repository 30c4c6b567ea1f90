/** What ships with a model: loads an artifact, owns its memory, runs its functions. */
export * from "./types.ts";
export { createLoader, type Artifact } from "./load.ts";
export { formatVersion, type Manifest, type ModelSpec, type FunctionSpec, type ArenaSpec, type ValueSpec, type VariableSpec } from "./manifest.ts";
export type { Device, DeviceMaker, GpuMaker, Run } from "./device.ts";
export type { CompiledFunction, JavaScriptKernels, MemoryViews } from "./javascript.ts";
export type { WasmFunction, WasmKernels } from "./wasm.ts";
export type { GpuBufferSpec, GpuFunction, GpuHalves, GpuKernel, GpuMatrices, GpuRow, GpuStep, WebGpuKernels } from "./webgpu/kernels.ts";
export { deviceFor } from "./webgpu/gpu.ts";
export { writeSafetensors } from "./safetensors.ts";
export { readSafetensors } from "./half.ts";
export * from "./training/index.ts";
