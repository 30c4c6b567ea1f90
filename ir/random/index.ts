/** Random numbers, the same bits on every target: `random.uniform({ shape: ["B", 64], key })`. */
export { bernoulli, bits, foldIn, nextKey, normal, randint, uniform, type DrawOptions } from "./distributions.ts";
export { cauchy, exponential, geometric, gumbel, laplace, logistic, logNormal, rademacher, truncatedNormal } from "./transforms.ts";
export { multinomial, permutation, type MultinomialOptions } from "./samples.ts";
