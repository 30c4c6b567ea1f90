import { setFlagsFromString } from "node:v8";

/**
 * A build is over in seconds, and most of its code runs for a fraction of one: what the engine spends on optimising it,
 * on threads that the type checker needs as well, is seldom earned back. It optimises what has run seven times as long
 * as it would ask for by itself; that takes a quarter off a build's processor time. The WebAssembly that runs here is
 * the assembler's, whose work is done before it would pay to compile it again for speed: not even modules of a megabyte
 * take longer without, and what is small takes half a second less. Imported first, it holds for all that follows.
 */
setFlagsFromString("--interrupt-budget=1000000");
setFlagsFromString("--liftoff-only");
