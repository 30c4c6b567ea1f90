import { probe } from "./probe.ts";

const known = new WeakMap<GPUDevice, Promise<number | undefined>>();

/**
 * Invocations of a subgroup, where a device has subgroups that kernels can share rows in: all of one size, and made
 * of neighbouring invocations of a workgroup. No specification says that they are; so the device is asked.
 */
export function subgroupSize(device: GPUDevice): Promise<number | undefined> {
  let size = known.get(device);
  if (!size) known.set(device, (size = ask(device)));
  return size;
}

const invocations = 128;

const shader = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec2<u32>>;
@compute @workgroup_size(${invocations})
fn main(@builtin(local_invocation_index) i: u32, @builtin(subgroup_size) size: u32, @builtin(subgroup_invocation_id) at: u32) {
  seen[i] = vec2(size, at);
}`;

async function ask(device: GPUDevice): Promise<number | undefined> {
  const { subgroupMinSize: least, subgroupMaxSize: most } = (device as Partial<Pick<GPUDevice, "adapterInfo">>).adapterInfo ?? {};
  if (!device.features.has("subgroups") || !most || least !== most) return undefined;
  const found = await probe(device, "subgroups", shader, 8 * invocations), seen = new Uint32Array(found ?? []);
  return found && Array.from({ length: invocations }, (_, i) => seen[2 * i] === most && seen[2 * i + 1] === i % most).every((ok) => ok) ? most : undefined;
}
