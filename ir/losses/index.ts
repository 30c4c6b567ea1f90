/** Loss functions, with PyTorch's options and meanings. */
export { gaussianNll, hingeEmbedding, huber, l1, mse, poissonNll, smoothL1, softMargin, type GaussianOptions, type PoissonOptions } from "./regression.ts";
export { crossEntropy, linearCrossEntropy, nll, type CrossEntropyOptions, type NllOptions } from "./classification.ts";
export { bce, bceWithLogits, klDiv, type BceOptions, type BceWithLogitsOptions, type KlDivOptions } from "./probability.ts";
export { cosineEmbedding, marginRanking, multiMargin, multilabelMargin, multilabelSoftMargin, tripletMargin, tripletMarginWithDistance, type MarginOptions, type MultiMarginOptions, type MultilabelSoftOptions, type TripletDistanceOptions, type TripletOptions } from "./margin.ts";
export { ctc, type CtcOptions } from "./ctc.ts";
export type { Reduction } from "./reduction.ts";
