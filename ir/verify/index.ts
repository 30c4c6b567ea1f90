export { verify, verifyModel } from "./verify.ts";
