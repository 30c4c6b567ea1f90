/** The best adapter there is; null if there is none, and undefined where the engine has no WebGPU. */
export const requestAdapter = async (): Promise<GPUAdapter | null | undefined> =>
  (globalThis.navigator as Partial<Navigator> | undefined)?.gpu?.requestAdapter({ powerPreference: "high-performance" });
