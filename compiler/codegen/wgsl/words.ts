import { libraryNames } from "./library/index.ts";

/** Words that WGSL keeps for itself, now or later, and names of its own that kernels use. */
export const reservedWords: readonly string[] = [...(
  "alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while " +
  "NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class co_await co_return co_yield coherent column_major common compile " +
  "compile_fragment concept const_cast consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export extends extern external " +
  "fallthrough filter final finally friend from fxgroup get goto groupshared highp impl implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod " +
  "module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of operator package packoffset partial pass patch " +
  "pixelfragment precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm static " +
  "static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use using varying " +
  "virtual volatile wgsl where with writeonly yield " +
  "bool f16 f32 i32 u32 vec2 vec3 vec4 mat2x2 array atomic ptr sampler texture_2d bitcast select abs ceil clamp floor max min round sign sqrt trunc fma countLeadingZeros " +
  "workgroupBarrier workgroupUniformLoad atomicAdd atomicStore atomicLoad atomicXor unpack2x16float vec4 read write read_write storage uniform workgroup function private main " +
  "groups groupId groupSize invocation rowLanes rowAt part lane point sizes fault tile place depth at step value first up along row column sums s row0 column0 tilesAcross tilesDown batch left right " +
  "leftTile rightTile group groupsAcross groupsDown nth finish vec2f vec3f vec4f q rank other mine start k otherStart low high middle isFirst " +
  "Component Left Right Sums matrixRows matrixColumns matrixSteps subgroupSize subgroup up rights sumsTile down aside"
).split(" "), ...libraryNames];
