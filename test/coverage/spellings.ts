/** What a peer's name is here, where it is not the same word. Checked: what is on the right exists. */
export const spellings: Readonly<Record<string, string>> = {
  // PyTorch
  absolute: "abs", arccos: "acos", arccosh: "acosh", arcsin: "asin", arcsinh: "asinh", arctan: "atan", arctan2: "atan2", arctanh: "atanh", adjoint: "mT", mH: "mT", H: "T",
  multiply: "mul", divide: "div", subtract: "sub", negative: "neg", "true_divide": "div", greater: "gt", "greater_equal": "ge", less: "lt", "less_equal": "le", "not_equal": "ne", fix: "trunc", clip: "clamp",
  concatenate: "concat", "row_stack": "vstack", "as_tensor": "tensor", asarray: "tensor", "scalar_tensor": "tensor", "from_numpy": "tensor", "full_like": "fullLike", range: "arange", "empty": "zeros", "empty_like": "zerosLike",
  rand: "random.uniform", rand_like: "random.uniform", randn: "random.normal", randn_like: "random.normal", randint_like: "random.randint", "random": "random.uniform",
  "batch_norm": "nn.functional.batchNorm", "pinverse": "linalg.pinv", inverse: "linalg.inv", float_power: "pow", lu_unpack: "linalg.lu", triangular_solve: "linalg.solveTriangular", "ger": "outer", "nuclear_norm": "linalg.matrixNorm", "frobenius_norm": "linalg.matrixNorm",
  dropout1d: "nn.functional.channelDropout", dropout2d: "nn.functional.channelDropout", dropout3d: "nn.functional.channelDropout", "feature_dropout": "nn.functional.channelDropout",
  "binary_cross_entropy": "losses.bce", "binary_cross_entropy_with_logits": "losses.bceWithLogits", "cosine_embedding_loss": "losses.cosineEmbedding", "multi_head_attention_forward": "nn.multiheadAttention",
  "upsample_bilinear": "nn.functional.interpolate", "upsample_nearest": "nn.functional.interpolate", upsample: "nn.functional.interpolate", UpsamplingBilinear2d: "nn.upsample", UpsamplingNearest2d: "nn.upsample",
  "NLLLoss2d": "losses.nll", ModuleList: "nn.list", Buffer: "nn.buffer", Softmax2d: "nn.softmax", "constant_pad_nd": "pad", "grid_sampler": "nn.functional.gridSample", "native_norm": "norm",
  "is_floating_point": "isFloatingPoint", "dim": "rank", "ndimension": "ndim", "nelement": "numel", "size": "shape", "view": "view", "view_as": "viewAs", "rms_norm": "nn.functional.rmsNorm", "expit": "sigmoid", 
  "solve_ex": "linalg.solve", "inv_ex": "linalg.inv", "cholesky_ex": "linalg.cholesky", "lu_factor_ex": "linalg.luFactor", "multi_dot": "multiDot", "lu_factor": "linalg.luFactor", "sgn": "sign", "logical_not": "logicalNot",
  "svdvals": "linalg.svdvals", "eye": "eye", "xavier_uniform": "init.xavierUniform", "lp_pool1d": "nn.functional.lpPool1d", "trapz": "trapezoid", "cumulative_trapezoid": "cumulativeTrapezoid",
  "CosineAnnealingWarmRestarts": "optim.cosineAnnealingWarmRestarts", ChainedScheduler: "optim.chainedLR", "unsafe_chunk": "chunk", "unsafe_split": "split",
  gammaln: "lgamma", psi: "digamma", multigammaln: "mvlgamma", "modified_bessel_i0": "i0", "modified_bessel_i1": "i1", randperm: "random.permutation", "trunc_normal": "init.truncNormal", CrossMapLRN2d: "nn.functional.localResponseNorm",
  ModuleDict: "nn.dict", LinearCrossEntropyLoss: "losses.linearCrossEntropy", TripletMarginWithDistanceLoss: "losses.tripletMarginWithDistance", "native_channel_shuffle": "nn.functional.channelShuffle", "promote_types": "resultType", orgqr: "linalg.householderProduct", "empty_permuted": "zeros", "empty_strided": "zeros", index: "at",
  // jax-js
  greaterEqual: "ge", lessEqual: "le", notEqual: "ne", floatPower: "pow", trueDivide: "div", categorical: "random.multinomial", hann: "hannWindow", blackman: "blackmanWindow", bartlett: "bartlettWindow",
  equal: "eq", "power": "pow", "floorDivide": "floorDivide", bitwiseInvert: "bitwiseNot", invert: "bitwiseNot", leftShift: "bitwiseLeftShift", rightShift: "bitwiseRightShift", degrees: "rad2deg", radians: "deg2rad", rint: "round", around: "round", "permuteDims": "permute",
  expandDims: "unsqueeze", takeAlongAxis: "takeAlongDim", repeat: "repeatInterleave", matrixTranspose: "mT", matvec: "matmul", vecmat: "matmul", vecdot: "vdot", unstack: "unbind", astype: "convert", broadcastArrays: "broadcastTensors", "cumulativeSum": "cumsum", "cumulativeProd": "cumprod",
  nanToNum: "nanToNum", ndim: "ndim", array: "tensor", "identity": "eye", shape: "shape", "ravel": "ravel", dotProductAttention: "nn.functional.scaledDotProductAttention", hardSilu: "hardswish", hardSwish: "hardswish", swish: "silu", softSign: "softsign", topK: "topk", "triangularSolve": "linalg.solveTriangular", "stopGradient": "stopGradient",
  "convGeneralDilated": "nn.functional.conv2d", conv: "nn.functional.conv2d", convWithGeneralPadding: "nn.functional.conv2d", convTranspose: "nn.functional.convTranspose2d", "arraySplit": "tensorSplit", "promoteTypes": "resultType", "var_": "var", "select": "where", 
  // TensorFlow.js
  addN: "add", argMax: "argmax", argMin: "argmin", "clipByValue": "clamp", cast: "convert", "floorDiv": "floorDivide", mod: "remainder", "depthToSpace": "nn.pixelShuffle", "reverse": "flip", reverse1d: "flip", reverse2d: "flip", reverse3d: "flip", reverse4d: "flip", concat1d: "concat", concat2d: "concat", concat3d: "concat", concat4d: "concat",
  slice1d: "slice", slice2d: "slice", slice3d: "slice", slice4d: "slice", stridedSlice: "at", pad1d: "pad", pad2d: "pad", pad3d: "pad", pad4d: "pad", tensor1d: "tensor", tensor2d: "tensor", tensor3d: "tensor", tensor4d: "tensor", tensor5d: "tensor", tensor6d: "tensor", scalar: "tensor", fill: "full", conv2dTranspose: "nn.functional.convTranspose2d", conv3dTranspose: "nn.functional.convTranspose3d",
  depthwiseConv2d: "nn.functional.conv2d", batchNorm2d: "nn.batchNorm2d", batchNorm3d: "nn.batchNorm3d", batchNorm4d: "nn.batchNorm3d", randomNormal: "random.normal", randomUniform: "random.uniform", randomUniformInt: "random.randint", randomStandardNormal: "random.normal", "euclideanNorm": "norm", "basicLSTMCell": "nn.lstmCell", step: "heaviside", "tensorScatterUpdate": "scatter",
  dense: "nn.linear", layerNormalization: "nn.layerNorm", batchNormalization: "nn.batchNorm1d", simpleRNN: "nn.rnn", simpleRNNCell: "nn.rnnCell", rnn: "nn.rnn", bidirectional: "nn.lstm", averagePooling1d: "nn.avgPool1d", averagePooling2d: "nn.avgPool2d", averagePooling3d: "nn.avgPool3d", avgPooling1d: "nn.avgPool1d", avgPooling2d: "nn.avgPool2d", avgPooling3d: "nn.avgPool3d",
  maxPooling1d: "nn.maxPool1d", maxPooling2d: "nn.maxPool2d", maxPooling3d: "nn.maxPool3d", globalAveragePooling1d: "nn.adaptiveAvgPool1d", globalAveragePooling2d: "nn.adaptiveAvgPool2d", globalMaxPooling1d: "nn.adaptiveMaxPool1d", globalMaxPooling2d: "nn.adaptiveMaxPool2d", globalMaxPool1d: "nn.adaptiveMaxPool1d", globalMaxPool2d: "nn.adaptiveMaxPool2d",
  upSampling2d: "nn.upsample", zeroPadding2d: "nn.zeroPad2d", reLU: "nn.relu", spatialDropout1d: "nn.dropout1d", repeatVector: "expand", cropping2D: "slice", momentum: "optim.sgd", glorotNormal: "init.xavierNormal", glorotUniform: "init.xavierUniform", heNormal: "init.kaimingNormal", heUniform: "init.kaimingUniform",
  absoluteDifference: "losses.l1", meanSquaredError: "losses.mse", sigmoidCrossEntropy: "losses.bceWithLogits", softmaxCrossEntropy: "losses.crossEntropy", logLoss: "losses.bce", huberLoss: "losses.huber", cosineDistance: "cosineSimilarity", resizeBilinear: "nn.functional.interpolate", resizeNearestNeighbor: "nn.functional.interpolate",
  outerProduct: "outer", truncatedNormal: "random.truncatedNormal", hammingWindow: "hammingWindow", hannWindow: "hannWindow", lowerBound: "searchsorted", upperBound: "searchsorted",
  flipLeftRight: "flip", average: "mean", avgPool: "nn.functional.avgPool2d", maxPool: "nn.functional.maxPool2d", localResponseNormalization: "nn.functional.localResponseNorm", mirrorPad: "pad", thresholdedReLU: "threshold", moments: "varMean",
  unsortedSegmentSum: "indexAdd", denseBincount: "bincount",
};

/** Why a name is not here, and will not be by its nature: the first that matches. */
export const reasons: readonly (readonly [reason: string, names: RegExp])[] = [
  ["the shape of the result depends on data", /^(masked_select|nonzero|nonzero_static|nonzero_numpy|argwhere|unique|unique_consecutive|unique_dim|uniqueWithCounts|combinations|whereAsync|where_async|booleanMask|booleanMaskAsync|setdiff1dAsync|shapes|choice)$/i],
  ["there are no complex numbers", /(complex|conj|^real$|^imag$|^angle$|^polar$|isreal|^(i?h?r?fft|fft|ifft|rfft|irfft|hfft|ihfft)|fftn$|fft2$|fftfreq|fftshift|^stft|^istft|^eig$|^eigvals$|_as_real)/],
  ["there are no sparse tensors", /(sparse|csr|csc|coo|bsr|bsc|indices$|^crow|^ccol|^to_dense|^coalesce|^smm$|^sspaddmm$|^hspmm$|^dsmm$|^hsmm$|^saddmm$|^spmm$|^values$)/i],
  ["there are no quantized tensors", /(quant|^q_|int_repr|fake_|scaled_mm|grouped_mm)/i],
  ["views of memory have no meaning in a graph", /(as_strided|^set_|is_contiguous|is_same_size|is_nonzero|^buffer$|^put$|^view_as_|unsafe_)/],
  ["how often the loss is evaluated in a step depends on data", /^LBFGS$/],
  ["PyTorch's own machinery", /(cudnn|miopen|mkldnn|fbgemm|cudagraph|convolution$|SyncBatchNorm|conv_tbc|lobpcg|segment_reduce|asserts?$|^broadcast_shapes$|broadcastShapes|broadcastArgs|can_cast|finfo|iinfo|^hash|^grad$|^hook)/],
];
