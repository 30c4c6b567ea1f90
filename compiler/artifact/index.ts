/** From a compiled model to something that runs: files, or a model in this process. */
export { initName, type CompiledModel, type Target } from "./compiled.ts";
export { artifactFiles, type ArtifactOptions } from "./files.ts";
export { instantiate } from "./instantiate.ts";
export { formatVersion } from "./manifest.ts";
export { artifactSize, type ArtifactSize } from "./size.ts";
export { writeArtifact } from "./write.ts";
