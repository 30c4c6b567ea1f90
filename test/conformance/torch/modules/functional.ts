import type { Json } from "../../format.ts";

/**
 * PyTorch's modules without parameters: the function that each applies. The constructor's arguments are the function's
 * keywords.
 */
export const functionOfModule: Readonly<Record<string, string>> = {
  ...withPrefix("torch.nn.functional", {
    CELU: "celu", ELU: "elu", GELU: "gelu", GLU: "glu", Hardshrink: "hardshrink", Hardsigmoid: "hardsigmoid", Hardswish: "hardswish", Hardtanh: "hardtanh", LeakyReLU: "leaky_relu", LogSigmoid: "logsigmoid", LogSoftmax: "log_softmax",
    Mish: "mish", ReLU: "relu", ReLU6: "relu6", SELU: "selu", SiLU: "silu", Sigmoid: "sigmoid", Softmax: "softmax", Softmin: "softmin", Softplus: "softplus", Softshrink: "softshrink", Softsign: "softsign", Tanh: "tanh",
    Tanhshrink: "tanhshrink", Threshold: "threshold", Dropout: "dropout", Dropout1d: "dropout1d", Dropout2d: "dropout2d", Dropout3d: "dropout3d", AlphaDropout: "alpha_dropout", FeatureAlphaDropout: "feature_alpha_dropout", RReLU: "rrelu",
    ...eachSize({ AdaptiveAvgPool: "adaptive_avg_pool", AdaptiveMaxPool: "adaptive_max_pool", AvgPool: "avg_pool", LPPool: "lp_pool", MaxPool: "max_pool", MaxUnpool: "max_unpool" }),
    ...eachSize({ ConstantPad: "constant_pad", ZeroPad: "zero_pad", ReflectionPad: "reflection_pad", ReplicationPad: "replication_pad", CircularPad: "circular_pad" }),
    ChannelShuffle: "channel_shuffle", CosineSimilarity: "cosine_similarity", Fold: "fold", LocalResponseNorm: "local_response_norm", PairwiseDistance: "pairwise_distance", PixelShuffle: "pixel_shuffle", PixelUnshuffle: "pixel_unshuffle",
    Unfold: "unfold", Upsample: "interpolate", UpsamplingBilinear2d: "upsample_bilinear", UpsamplingNearest2d: "upsample_nearest", Softmax2d: "softmax", Flatten: "flatten", Unflatten: "unflatten", Identity: "clone",
    BCELoss: "binary_cross_entropy", BCEWithLogitsLoss: "binary_cross_entropy_with_logits", CTCLoss: "ctc_loss", CosineEmbeddingLoss: "cosine_embedding_loss", CrossEntropyLoss: "cross_entropy", GaussianNLLLoss: "gaussian_nll_loss",
    HingeEmbeddingLoss: "hinge_embedding_loss", HuberLoss: "huber_loss", KLDivLoss: "kl_div", L1Loss: "l1_loss", MSELoss: "mse_loss", MarginRankingLoss: "margin_ranking_loss", MultiLabelMarginLoss: "multilabel_margin_loss",
    MultiLabelSoftMarginLoss: "multilabel_soft_margin_loss", MultiMarginLoss: "multi_margin_loss", NLLLoss: "nll_loss", PoissonNLLLoss: "poisson_nll_loss", SmoothL1Loss: "smooth_l1_loss", SoftMarginLoss: "soft_margin_loss",
    TripletMarginLoss: "triplet_margin_loss", TripletMarginWithDistanceLoss: "triplet_margin_with_distance_loss",
  }),
};

/** Keywords that a module has and its function has not, or not by that name or default. */
const keywords: Readonly<Record<string, (kwargs: Readonly<Record<string, Json>>) => Readonly<Record<string, Json>>>> = {
  Flatten: (k) => ({ start_dim: 1, ...k }),
  Unflatten: ({ unflattened_size, ...rest }) => ({ ...rest, ...(unflattened_size !== undefined && { sizes: unflattened_size }) }),
  Softmax2d: (k) => ({ dim: -3, ...k }),
  Identity: () => ({}),
};

/** The keywords of the function of a module, of its constructor's. */
export const keywordsOf = (module: string, kwargs: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> =>
  (keywords[module.slice("torch.nn.".length)] ?? ((k) => k))(kwargs);

function withPrefix(namespace: string, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([module, name]) => [`torch.nn.${module}`, `${namespace}.${name}`]));
}

/** A module for each of one, two and three dimensions. */
function eachSize(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).flatMap(([module, name]) => [1, 2, 3].map((n) => [`${module}${n}d`, `${name}${n}d`])));
}
