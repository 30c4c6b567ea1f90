"""Makes the cases of this folder with PyTorch (2.13, CPU): what the shared suite does not have.

    python test/conformance/more/make.py

The format is that of the shared suite (`tensor-conformance-v1`); see test/conformance/format.ts.
"""
import base64, json, math, pathlib
import numpy as np
import torch

here = pathlib.Path(__file__).parent
cases: dict[str, list] = {}
counts: dict[str, int] = {}


def encode(t: torch.Tensor) -> dict:
    t = t.detach().contiguous()
    return {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "data": base64.b64encode(t.numpy().tobytes()).decode()}


def resolve(a, tensors):
    if isinstance(a, dict):
        if "ref" in a: return tensors[a["ref"]]
        if "float" in a: return float(a["float"])
        if "dtype" in a: return getattr(torch, a["dtype"])
    if isinstance(a, (list, tuple)): return type(a)(resolve(x, tensors) for x in a)
    return a


def flat(y):
    if isinstance(y, torch.Tensor): return [y]
    return [t for part in y if part is not None for t in flat(part)]


def ref(name): return {"ref": name}


def gen(seed): return torch.Generator().manual_seed(seed)


def x(*shape, seed=0, dtype=torch.float32, scale=1.0):
    return torch.randn(shape, generator=gen(seed), dtype=torch.float64).mul(scale).to(dtype)


def add(family, op, args, kwargs=None, inputs=None, *, call_kwargs=None, grads=True, tol=None, note=None, module=None, f=None, only=None):
    """One case: `op` of `args`; tensors among them are `inputs`, by name. Of a module, `kwargs` construct it.
    `f` computes it where `op` is a name that chainrule gives another meaning; `only` picks which outputs count."""
    inputs, kwargs = dict(inputs or {}), kwargs or {}
    counts[op] = counts.get(op, 0) + 1
    case = {"id": f"{family}/{op.split('.')[-1]}/{counts[op]}", "op": op, "args": args, "kwargs": kwargs}
    if module is not None:
        for i, (name, p) in enumerate(module.named_parameters()):
            with torch.no_grad(): p.copy_(x(*p.shape, seed=100 + i, dtype=p.dtype, scale=0.5))
            inputs[name] = p.detach().clone()
        case["params"] = [name for name, _ in module.named_parameters()]
        if call_kwargs: case["call_kwargs"] = call_kwargs
    leaves = {k: v.clone().requires_grad_(grads and v.is_floating_point()) for k, v in inputs.items()}
    if module is not None:
        params = {name: leaves[name] for name in case["params"]}
        y = torch.func.functional_call(module, params, tuple(resolve(args, leaves)), {k: resolve(v, leaves) for k, v in (call_kwargs or {}).items()})
    else:
        fn = f or eval(op)
        y = fn(*resolve(args, leaves), **{k: resolve(v, leaves) for k, v in kwargs.items()})
    outputs = [t for i, t in enumerate(flat(y)) if only is None or i in only]
    cotangents = [x(*t.shape, seed=50 + i, dtype=t.dtype) if t.is_floating_point() and t.requires_grad else None for i, t in enumerate(outputs)]
    wrt = [k for k, v in leaves.items() if v.requires_grad]
    case["inputs"] = {k: encode(v) for k, v in inputs.items()}
    case["outputs"] = [encode(t) for t in outputs]
    case["cotangents"] = [None if c is None else encode(c) for c in cotangents]
    case["grads"] = {}
    if wrt and any(c is not None for c in cotangents):
        found = torch.autograd.grad([t for t, c in zip(outputs, cotangents) if c is not None], [leaves[k] for k in wrt], [c for c in cotangents if c is not None], allow_unused=True)
        case["grads"] = {k: encode(torch.zeros_like(leaves[k]) if g is None else g) for k, g in zip(wrt, found)}
    double = any(v.dtype == torch.float64 for v in inputs.values())
    case["tol"] = tol or ({"rtol": 1e-9, "atol": 1e-10} if double else {"rtol": 2e-5, "atol": 1e-5})
    if note: case["note"] = note
    cases.setdefault(family, []).append(case)


def attention():
    F = torch.nn.functional
    sdpa = "torch.nn.functional.scaled_dot_product_attention"
    q, k, v = x(2, 4, 3, 4), x(2, 2, 5, 4, seed=1), x(2, 2, 5, 3, seed=2)
    names = [ref("q"), ref("k"), ref("v")]
    add("attention", sdpa, names, {"enable_gqa": True}, {"q": q, "k": k, "v": v})
    mask = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    small = {"q": x(3, 4), "k": x(3, 4, seed=1), "v": x(3, 4, seed=2)}
    add("attention", sdpa, names, {"attn_mask": ref("mask")}, {**small, "mask": mask}, note="a query without keys: zeros")
    add("attention", sdpa, names, {"attn_mask": ref("mask")}, {**small, "mask": torch.where(mask, 0.5, -math.inf)}, note="the same by a mask to be added", grads=False)
    mha = lambda seed=0, **kw: torch.nn.MultiheadAttention(4, 2, **kw)
    for kw, call in [
        ({"add_bias_kv": True}, {}), ({"add_bias_kv": True, "add_zero_attn": True, "batch_first": True}, {"average_attn_weights": False}),
        ({}, {"attn_mask": ref("per_head")}), ({}, {"attn_mask": ref("mask"), "key_padding_mask": ref("padding")}),
    ]:
        inputs = {"query": x(3, 2, 4), "key": x(5, 2, 4, seed=1), "value": x(5, 2, 4, seed=2)}
        if kw.get("batch_first"): inputs = {n: t.transpose(0, 1).contiguous() for n, t in inputs.items()}
        if "attn_mask" in call and call["attn_mask"] == ref("per_head"): inputs["per_head"] = x(4, 3, 5, seed=3)
        if "key_padding_mask" in call:
            inputs["padding"] = torch.tensor([[False] * 4 + [True], [False] * 3 + [True] * 2])
            inputs["mask"] = torch.zeros(3, 5, dtype=torch.bool); inputs["mask"][0, 0] = True
        add("attention", "torch.nn.MultiheadAttention", [ref("query"), ref("key"), ref("value")], {"embed_dim": 4, "num_heads": 2, **kw}, inputs, call_kwargs=call, module=mha(**kw))
    add("attention", "torch.nn.MultiheadAttention", [ref("query")] * 3, {"embed_dim": 4, "num_heads": 2}, {"query": x(3, 4)}, module=mha(), note="self-attention without a batch")
    for kw in [{}, {"norm_first": True, "batch_first": True, "activation": "gelu"}, {"bias": False}]:
        full = {"d_model": 4, "nhead": 2, "dim_feedforward": 6, "dropout": 0.0, **kw}
        add("attention", "torch.nn.TransformerDecoderLayer", [ref("tgt"), ref("memory")], full, {"tgt": x(3, 2, 4), "memory": x(5, 2, 4, seed=1) if not kw.get("batch_first") else x(3, 5, 4, seed=1)},
            module=torch.nn.TransformerDecoderLayer(**full))
    full = {"d_model": 4, "nhead": 2, "dim_feedforward": 6, "dropout": 0.0}
    mask = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
    add("attention", "torch.nn.TransformerDecoderLayer", [ref("tgt"), ref("memory")], full, {"tgt": x(3, 2, 4), "memory": x(5, 2, 4, seed=1), "mask": mask},
        call_kwargs={"tgt_mask": ref("mask")}, module=torch.nn.TransformerDecoderLayer(**full))
    small = {"d_model": 4, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 1, "dim_feedforward": 6, "dropout": 0.0, "batch_first": True}
    add("attention", "torch.nn.Transformer", [ref("src"), ref("tgt")], small, {"src": x(2, 3, 4), "tgt": x(2, 2, 4, seed=1)}, module=torch.nn.Transformer(**small))


def recurrent():
    full = {"input_size": 2, "hidden_size": 3, "num_layers": 2, "bidirectional": True, "proj_size": 2}
    add("recurrent", "torch.nn.LSTM", [ref("x")], full, {"x": x(3, 2, 2)}, module=torch.nn.LSTM(**full))
    cell = {"input_size": 2, "hidden_size": 3}
    add("recurrent", "torch.nn.GRUCell", [ref("x"), ref("h")], cell, {"x": x(2, 2), "h": x(2, 3, seed=1)}, module=torch.nn.GRUCell(**cell))
    add("recurrent", "torch.nn.RNN", [ref("x")], {**cell, "nonlinearity": "tanh"}, {"x": x(3, 2)}, module=torch.nn.RNN(**cell), note="input without batch dim")

def linalg():
    f64 = torch.float64
    def square(n, *batch, seed=0, dtype=f64): return x(*batch, n, n, seed=seed, dtype=dtype) + 2 * torch.eye(n, dtype=dtype)
    def pd(n, *batch, seed=0, dtype=f64): a = x(*batch, n, n, seed=seed, dtype=dtype); return a @ a.mT + torch.eye(n, dtype=dtype)
    a = [ref("a")]
    add("linalg", "torch.linalg.slogdet", a, {}, {"a": square(4, 2)})
    add("linalg", "torch.linalg.slogdet", a, {}, {"a": -square(3)})
    singular = torch.tensor([[1., 2., 3.], [2., 4., 6.], [1., 0., 1.]], dtype=f64)
    add("linalg", "torch.linalg.det", a, {}, {"a": singular}, note="singular: the gradient is the matrix of cofactors", f=lambda a: (a[0] * torch.linalg.cross(a[1], a[2])).sum(), tol={"rtol": 1e-6, "atol": 1e-6})
    add("linalg", "torch.linalg.det", a, {}, {"a": square(12, dtype=torch.float32)}, tol={"rtol": 2e-4, "atol": 1e-3})
    add("linalg", "torch.linalg.inv", a, {}, {"a": square(16)})
    add("linalg", "torch.linalg.solve", [ref("a"), ref("b")], {}, {"a": square(17), "b": x(17, 2, seed=1, dtype=f64)})
    add("linalg", "torch.linalg.solve", [ref("a"), ref("b")], {}, {"a": square(3, 2), "b": x(3, 2, seed=1, dtype=f64)}, note="one right-hand side for two matrices")
    add("linalg", "torch.linalg.cholesky", a, {}, {"a": pd(9)})
    add("linalg", "torch.cholesky_inverse", a, {}, {"a": torch.linalg.cholesky(pd(3))}, grads=False)
    add("linalg", "torch.linalg.solve_triangular", [ref("a"), ref("b")], {"upper": False, "left": False}, {"a": square(3, 2), "b": x(2, 4, 3, seed=1, dtype=f64)})
    add("linalg", "torch.linalg.solve_triangular", [ref("a"), ref("b")], {"upper": True, "unitriangular": True}, {"a": square(4), "b": x(4, 2, seed=1, dtype=f64)})
    for shape in [(5, 3), (4, 4), (2, 3, 2)]: add("linalg", "torch.linalg.qr", a, {}, {"a": x(*shape, dtype=f64)})
    add("linalg", "torch.linalg.qr", a, {}, {"a": x(2, 4, dtype=f64)}, grads=False)
    add("linalg", "torch.linalg.qr", [ref("a"), "complete"], {}, {"a": x(4, 2, dtype=f64)}, grads=False)
    for shape in [(3, 3), (7, 4), (2, 2, 5), (1, 3), (12, 11)]: add("linalg", "torch.linalg.svdvals", a, {}, {"a": x(*shape, dtype=f64)})
    add("linalg", "torch.linalg.svdvals", a, {}, {"a": torch.tensor([[1., 2.], [2., 4.], [3., 6.]], dtype=f64)}, note="rank 1", grads=False)
    add("linalg", "torch.linalg.svdvals", a, {}, {"a": torch.eye(3, dtype=f64)}, note="equal singular values", grads=False)
    for shape in [(3, 3), (2, 6, 6)]: add("linalg", "torch.linalg.eigvalsh", a, {}, {"a": x(*shape, dtype=f64)})
    add("linalg", "torch.linalg.eigvalsh", [ref("a"), "U"], {}, {"a": x(4, 4, dtype=f64)})
    add("linalg", "torch.linalg.eigvalsh", a, {}, {"a": torch.tensor([[0., 1.], [1., 0.]], dtype=f64)}, note="eigenvalues of one size and both signs")
    for shape in [(3, 3), (4, 2), (2, 2, 4)]: add("linalg", "torch.linalg.pinv", a, {}, {"a": x(*shape, dtype=f64)})
    low = torch.tensor([[1., 2., 0.], [2., 4., 0.], [0., 0., 3.]], dtype=f64)
    add("linalg", "torch.linalg.pinv", a, {}, {"a": low}, note="rank 2 of 3", grads=False)
    add("linalg", "torch.linalg.matrix_rank", a, {}, {"a": low}, grads=False)
    for n in [0, 1, 5, -2]: add("linalg", "torch.linalg.matrix_power", [ref("a"), n], {}, {"a": square(3)})
    for scale in [0.1, 1.0, 30.0]: add("linalg", "torch.linalg.matrix_exp", a, {}, {"a": scale * x(2, 3, 3, dtype=f64)}, tol={"rtol": 1e-8, "atol": 1e-9 * math.exp(scale)})
    for order in [2, -2, "nuc"]: add("linalg", "torch.linalg.matrix_norm", a, {"ord": order}, {"a": x(4, 3, dtype=f64)})
    add("linalg", "torch.linalg.matrix_norm", a, {"ord": 2, "dim": [0, 2], "keepdim": True}, {"a": x(4, 2, 3, dtype=f64)})
    add("linalg", "torch.linalg.cond", a, {}, {"a": square(3)})
    for p in [1, "fro"]: add("linalg", "torch.linalg.cond", [ref("a"), p], {}, {"a": square(3)}, f=lambda a, p: torch.linalg.norm(a, p) * torch.linalg.norm(torch.linalg.inv(a), p))
    add("linalg", "torch.linalg.vander", [ref("x")], {"N": 4}, {"x": x(2, 3, dtype=f64)})
    add("linalg", "torch.linalg.lstsq", [ref("a"), ref("b")], {}, {"a": x(5, 3, dtype=f64), "b": x(5, 2, seed=1, dtype=f64)}, f=lambda a, b: torch.linalg.lstsq(a, b).solution)



def losses():
    f = "torch.nn.functional."
    lp = x(6, 3, 4, dtype=torch.float64).log_softmax(2)
    targets = torch.tensor([[1, 2, 2], [3, 1, 0], [2, 2, 2]], dtype=torch.int32)
    names = [ref("lp"), ref("targets"), [6, 5, 6], [3, 2, 0]]
    for kwargs in [{}, {"reduction": "sum"}, {"reduction": "none"}]: add("losses", f + "ctc_loss", names, kwargs, {"lp": lp, "targets": targets})
    add("losses", f + "ctc_loss", [ref("lp"), ref("targets"), [6, 2, 6], [3, 3, 3]], {"zero_infinity": True, "reduction": "none"}, {"lp": lp, "targets": targets}, note="a target that cannot fit")
    add("losses", f + "ctc_loss", [ref("lp"), ref("targets"), [6, 6, 4], [2, 1, 2]], {"blank": 3, "reduction": "sum"}, {"lp": lp.float(), "targets": targets.clamp(0, 2)})
    add("losses", f + "ctc_loss", [ref("lp"), ref("targets"), ref("t"), ref("s")], {}, {"lp": lp[:, 0], "targets": targets[0], "t": torch.tensor(6), "s": torch.tensor(3)}, note="without a batch")
    a, y = x(3, 4), torch.tensor([0, 3, 1])
    for kwargs in [{}, {"p": 2, "margin": 0.5}, {"reduction": "none"}]: add("losses", f + "multi_margin_loss", [ref("x"), ref("y")], kwargs, {"x": a, "y": y})
    add("losses", f + "multi_margin_loss", [ref("x"), ref("y")], {"weight": ref("w")}, {"x": a, "y": y, "w": torch.tensor([0.5, 1., 2., 0.1])}, grads=False)
    v = x(3, 4, seed=2).abs() + 0.1
    for kwargs in [{}, {"full": True, "reduction": "sum"}, {"eps": 0.5}]: add("losses", f + "gaussian_nll_loss", [ref("x"), ref("y"), ref("v")], kwargs, {"x": a, "y": x(3, 4, seed=1), "v": v})


def tensors():
    a, v, i = x(3, 5), x(5, seed=4).cumsum(0), [ref("x")]
    for kwargs in [{}, {"n": 2}, {"dim": 0}]: add("tensors", "torch.diff", i, kwargs, {"x": a})
    for op in ["torch.trapezoid", "torch.cumulative_trapezoid"]:
        add("tensors", op, i, {"dx": 0.5}, {"x": a})
        add("tensors", op, [ref("x"), ref("at")], {}, {"x": a, "at": v})
        add("tensors", op, [ref("x"), ref("at")], {"dim": 0}, {"x": a, "at": x(3, 5, seed=5)})
    special = torch.tensor([math.inf, -math.inf, math.nan, 0., 1.])
    for op in ["isposinf", "isneginf"]: add("tensors", "torch." + op, i, {}, {"x": special})
    add("tensors", "torch.isin", [ref("x"), ref("y")], {}, {"x": torch.tensor([[1, 2], [3, 4]]), "y": torch.tensor([4, 1, 7])})
    add("tensors", "torch.corrcoef", i, {}, {"x": a}); add("tensors", "torch.cov", i, {"correction": 0}, {"x": a})
    holes = a.clone(); holes[0, 1] = holes[2, 2] = math.nan
    add("tensors", "torch.nanmean", i, {}, {"x": holes}); add("tensors", "torch.nanmean", [ref("x"), 1], {"keepdim": True}, {"x": holes})
    add("tensors", "torch.diagflat", [ref("x"), -1], {}, {"x": x(2, 2)})
    for p in [2, 1, 3.5]: add("tensors", "torch.dist", [ref("x"), ref("y"), p], {}, {"x": a, "y": v})
    add("tensors", "torch.ldexp", [ref("x"), ref("y")], {}, {"x": a, "y": torch.tensor([0, 1, 2, -1, 5], dtype=torch.int32)}, grads=False)
    add("tensors", "torch.special.entr", i, {}, {"x": torch.tensor([0.5, 2., 1e-3])}); add("tensors", "torch.special.entr", i, {}, {"x": special}, grads=False)
    add("tensors", "torch.special.ndtr", i, {}, {"x": torch.tensor([-8., -2., 0., 1., 6.])})
    for parts in [2, [1, 3], [-1]]: add("tensors", "torch.tensor_split", [ref("x"), parts, 1], {}, {"x": a})
    add("tensors", "torch.hsplit", [ref("x"), [1]], {}, {"x": a}); add("tensors", "torch.dsplit", [ref("x"), 2], {}, {"x": x(2, 2, 4)})
    f = "torch.nn.functional."
    names = {"x": x(4, 3), "y": x(4, 2, seed=1), "w": x(2, 3, 2, seed=2), "b": x(2, seed=3)}
    add("tensors", f + "bilinear", [ref("x"), ref("y"), ref("w"), ref("b")], {}, names)
    for size in [2, 3]: add("tensors", f + "local_response_norm", [ref("x"), size], {"alpha": 0.1, "k": 2.0}, {"x": x(2, 4, 3)})
    add("tensors", f + "channel_shuffle", [ref("x"), 2], {}, {"x": x(1, 4, 2, 2)})
    full = {"in1_features": 3, "in2_features": 2, "out_features": 2}
    add("tensors", "torch.nn.Bilinear", [ref("x"), ref("y")], full, {"x": x(4, 3), "y": x(4, 2, seed=1)}, module=torch.nn.Bilinear(**full))
    add("tensors", "torch.nn.PReLU", [ref("x")], {"num_parameters": 3}, {"x": x(2, 3, 2)}, module=torch.nn.PReLU(3))


def special():
    inf, nan, f64 = math.inf, math.nan, torch.float64
    def each(op, xs, *args, dtypes=(torch.float32, f64), grads=True, tol=None, first=()):
        for dtype in dtypes: add("special", op, [*first, ref("x"), *args], {}, {"x": torch.tensor(xs, dtype=dtype)}, grads=grads, tol=tol if dtype == torch.float32 else None)
    positive = [1e-3, 0.1, 0.5, 0.99, 1., 1.3, 1.4616, 2., 2.5, 3., 5.5, 9.9, 10., 12.9, 13., 40., 1e3, 1e6]
    negative = [-0.3, -0.5, -1.5, -2.7, -7.25, -20.5]
    each("torch.lgamma", positive + negative); each("torch.lgamma", [0., -1., -4., inf, -inf, nan, 1e-30, 1e37], grads=False)
    each("torch.digamma", positive + negative, tol={"rtol": 5e-5, "atol": 1e-5}); each("torch.digamma", [0., -0., -3., inf, nan], grads=False)
    each("torch.special.multigammaln", [1.6, 3., 20.], 3)
    for n in [1, 2, 3, 5]: each("torch.polygamma", positive if n > 1 else positive + negative, first=(n,), tol={"rtol": 5e-5, "atol": 1e-5})
    each("torch.polygamma", [0.], first=(1,), grads=False)
    for dtype in [torch.float32, f64]: add("special", "torch.special.zeta", [ref("x"), ref("q")], {}, {"x": torch.tensor([1.1, 2., 3.5, 20., 1., 0.5], dtype=dtype), "q": torch.tensor([0.5, 1., 7.3, 30., 2., 2.], dtype=dtype)}, grads=False)
    around = [0., 1e-3, -1e-3, 0.5, -0.5, 1., 2., 3., -3., 7.9, 8., 8.1, -8.1, 20., -20., 80.]
    for op in ["i0", "i0e", "i1", "i1e"]: each("torch.special." + op, around); each("torch.special." + op, [inf, nan, 0.25], grads=False, dtypes=[f64])
    for op in ["modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"]: each("torch.special." + op, [0., 1e-3, 0.5, 1.9, 2., 2.1, 8., 30., -1.], grads=False)
    for op in ["erfcx", "log_ndtr"]: each("torch.special." + op, [-8., -3., -1., -0.5, 0., 1e-3, 0.5, 0.9, 1., 3., 7.]); each("torch.special." + op, [30., 1e4, inf, -inf, nan], grads=False)
    each("torch.special.log_ndtr", [-30., -1e3], dtypes=[f64])
    each("torch.special.ndtri", [1e-30, 1e-7, 1e-3, 0.05, 0.074, 0.076, 0.3, 0.5, 0.6, 0.93, 0.99]); each("torch.special.ndtri", [0., 1., -0.1, 1.1, nan], grads=False)
    for dtype in [torch.float32, f64]: add("special", "torch.special.xlog1py", [ref("x"), ref("y")], {}, {"x": torch.tensor([0., 0., 2., -1.], dtype=dtype), "y": torch.tensor([-1., 1., 0.5, 3.], dtype=dtype)}, grads=False)
    for op in ["chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w", "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p",
               "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v", "shifted_chebyshev_polynomial_w"]:
        for n in [0, 1, 2, 5]: each("torch.special." + op, [-0.9, -0.2, 0., 0.3, 1.], n, dtypes=[f64], grads=False)


def quantiles():
    a, i = x(3, 5), [ref("x")]
    holes = a.clone(); holes[0, 1] = holes[2, 2] = holes[2, 3] = math.nan
    ties = torch.tensor([[3., 1., 3., 2., 1.], [5., 4., 3., 2., 1.], [2., 2., 2., 0., 0.]])
    for op in ["torch.quantile", "torch.nanquantile"]:
        for q, kwargs in [(0.3, {}), (0.5, {"dim": 1}), (1.0, {"dim": 0, "keepdim": True}), (0., {"dim": -1})]: add("quantiles", op, [ref("x"), q], kwargs, {"x": a})
        for mode in ["lower", "higher", "nearest", "midpoint"]: add("quantiles", op, [ref("x"), 0.4], {"dim": 1, "interpolation": mode}, {"x": a})
        add("quantiles", op, [ref("x"), ref("q")], {"dim": 1}, {"x": a, "q": torch.tensor([0.1, 0.75, 1.])}, grads=False)
        add("quantiles", op, [ref("x"), 0.6], {"dim": 1}, {"x": holes}); add("quantiles", op, [ref("x"), 0.6], {}, {"x": holes})
    add("quantiles", "torch.nanmedian", i, {}, {"x": holes}); add("quantiles", "torch.nanmedian", [ref("x"), 1], {}, {"x": holes}); add("quantiles", "torch.nanmedian", [ref("x"), 0, True], {}, {"x": holes})
    add("quantiles", "torch.nanmedian", [ref("x"), 0], {}, {"x": torch.tensor([[3, 1], [2, 2], [1, 5]])})
    add("quantiles", "torch.mode", i, {}, {"x": ties}); add("quantiles", "torch.mode", [ref("x"), 0, True], {}, {"x": ties.int()})
    add("quantiles", "torch.histc", i, {"bins": 4}, {"x": a}, grads=False); add("quantiles", "torch.histc", i, {"bins": 5, "min": -1, "max": 1}, {"x": a}, grads=False)
    add("quantiles", "torch.histc", i, {"bins": 3}, {"x": torch.ones(4)}, grads=False)
    add("quantiles", "torch.histogram", [ref("x"), 4], {}, {"x": a}, grads=False); add("quantiles", "torch.histogram", [ref("x"), 4], {"range": [-1.0, 2.0], "density": True}, {"x": a}, grads=False)
    add("quantiles", "torch.histogram", [ref("x"), 3], {"weight": ref("w")}, {"x": a, "w": x(3, 5, seed=3).abs()}, grads=False, f=lambda x, n, weight: torch.histogram(x, n, weight=weight))


def placing():
    a, f = x(4, 3), "torch.nn.functional."
    rows, columns = torch.tensor([0, 2, -1]), torch.tensor([1, 1, 0])
    add("placing", "torch.Tensor.index_put", [ref("x"), [ref("i"), ref("j")], ref("v")], {}, {"x": a, "i": rows, "j": columns, "v": x(3, seed=1)})
    add("placing", "torch.Tensor.index_put", [ref("x"), [ref("i")], ref("v"), True], {}, {"x": a, "i": torch.tensor([[0, 2], [2, 2]]), "v": x(3, seed=1)}, note="values are broadcast")
    for op in ["prod", "mean", "amax", "amin"]:
        for self in [True, False]: add("placing", "torch.index_reduce", [ref("x"), 0, ref("i"), ref("s"), op], {"include_self": self}, {"x": a, "i": torch.tensor([0, 2, 0]), "s": x(3, 3, seed=2)})
    mask = torch.tensor([[True, False, True], [False, True, False], [False] * 3, [True] * 3])
    add("placing", "torch.Tensor.masked_scatter", [ref("x"), ref("m"), ref("s")], {}, {"x": a, "m": mask, "s": x(7, seed=3)})
    for size in [2, 6, 9]: add("placing", "torch.nonzero_static", [ref("x")], {"size": size}, {"x": mask}, grads=False)
    add("placing", "torch.nonzero_static", [ref("x")], {"size": 4, "fill_value": 7}, {"x": torch.tensor([0., 2., 0., -1.])}, grads=False)
    add("placing", "torch.Tensor.sum_to_size", [ref("x"), 4, 1], {}, {"x": x(2, 4, 3)})
    for kwargs in [{}, {"r": 3}, {"with_replacement": True}]: add("placing", "torch.combinations", [ref("x")], kwargs, {"x": x(4)})
    add("placing", "torch.unravel_index", [ref("i"), [3, 2, 4]], {}, {"i": torch.tensor([[0, 23], [9, 14]])}, grads=False)
    table, bags, flat = x(6, 3, seed=4), torch.tensor([[0, 2, 5], [1, 1, 4]]), torch.tensor([0, 2, 5, 1, 4])
    for mode in ["sum", "mean", "max"]:
        add("placing", f + "embedding_bag", [ref("i"), ref("w")], {"mode": mode}, {"i": bags, "w": table})
        add("placing", f + "embedding_bag", [ref("i"), ref("w")], {"mode": mode, "padding_idx": 1}, {"i": bags, "w": table})
        add("placing", f + "embedding_bag", [ref("i"), ref("w"), ref("o")], {"mode": mode}, {"i": flat, "w": table, "o": torch.tensor([0, 2, 2, 3])})
    add("placing", f + "embedding_bag", [ref("i"), ref("w"), ref("o")], {"mode": "sum", "include_last_offset": True, "per_sample_weights": ref("s")}, {"i": flat, "w": table, "o": torch.tensor([0, 2, 5]), "s": x(5, seed=5)})
    add("placing", "torch.nn.EmbeddingBag", [ref("x"), ref("o")], {"num_embeddings": 6, "embedding_dim": 3, "mode": "mean"}, {"x": flat, "o": torch.tensor([0, 3])}, module=torch.nn.EmbeddingBag(6, 3, mode="mean"))
    full = {"in_features": 8, "n_classes": 10, "cutoffs": [3, 6], "div_value": 2.0}
    add("placing", "torch.nn.AdaptiveLogSoftmaxWithLoss", [ref("x"), ref("y")], full, {"x": x(5, 8), "y": torch.tensor([0, 2, 4, 7, 9])}, module=torch.nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0))
    for op in ["hann", "blackman", "bartlett", "hamming", "kaiser"]:
        for args in [[6], [7, False], [1]]: add("placing", f"torch.{op}_window", args, {})
    t = {"a": x(4, 3), "p": x(4, 3, seed=1), "n": x(4, 3, seed=2)}
    for kwargs in [{}, {"swap": True, "margin": 2.0, "reduction": "none"}]: add("placing", f + "triplet_margin_with_distance_loss", [ref("a"), ref("p"), ref("n")], kwargs, t)
    for kwargs in [{}, {"label_smoothing": 0.1, "linear_bias": ref("b"), "reduction": "sum"}]: add("placing", f + "linear_cross_entropy", [ref("x"), ref("w"), ref("y")], kwargs, {"x": x(4, 3), "w": x(5, 3, seed=1), "y": torch.tensor([0, 4, 2, 1]), **({"b": x(5, seed=2)} if kwargs else {})})
    def well(n, seed=0): return x(n, n, seed=seed, dtype=torch.float64) + 2 * torch.eye(n, dtype=torch.float64)
    add("placing", "torch.linalg.tensorinv", [ref("a"), 1], {}, {"a": well(6).reshape(6, 2, 3)})
    add("placing", "torch.linalg.tensorsolve", [ref("a"), ref("b")], {}, {"a": well(6).reshape(2, 3, 6), "b": x(2, 3, seed=1, dtype=torch.float64)})
    add("placing", "torch.linalg.householder_product", [ref("a"), ref("t")], {}, {"a": x(2, 5, 3, dtype=torch.float64), "t": x(2, 2, seed=1, dtype=torch.float64)})
    add("placing", "torch.linalg.lu", [ref("a")], {}, {"a": well(4)})
    for kwargs in [{}, {"ord": 3, "dim": 1}, {"ord": "nuc"}]: add("placing", "torch.linalg.norm", [ref("a")], kwargs, {"a": x(3, 4, dtype=torch.float64)})
    add("placing", "torch.linalg.vecdot", [ref("x"), ref("y")], {}, {"x": a, "y": x(3, seed=1)}); add("placing", "torch.linalg.diagonal", [ref("x")], {"offset": 1}, {"x": x(2, 3, 3)})
    add("placing", "torch.vander", [ref("x"), 3], {}, {"x": x(4)}, grads=False)


def edges():
    """Edges of what a call takes: nothing, one, negative amounts, weights, other dtypes, names of modules and of twins in place."""
    f, la, e = "torch.nn.functional.", "torch.linalg.", "edges"
    for op in ["inv", "det", "slogdet", "svdvals", "eigvalsh", "pinv"]: add(e, la + op, [ref("a")], {}, {"a": x(2, 0, 0)})
    add(e, la + "solve", [ref("a"), ref("b")], {}, {"a": x(0, 2, 2), "b": x(0, 2, 1)}); add(e, la + "qr", [ref("a")], {}, {"a": x(3, 0)})
    for shape in [(3, 2), (2, 4)]: add(e, la + "lu", [ref("a")], {}, {"a": x(*shape, dtype=torch.float64)})
    add(e, la + "matrix_norm", [ref("a"), 2, [-2, -1], True], {}, {"a": torch.tensor([[-8.478373, -1.765826], [-4.322804, -2.400456]])}, note="equal to its maximum in one kernel and the next")
    add(e, la + "matrix_rank", [ref("a")], {"atol": 1.5}, {"a": x(3, 4)}, grads=False); add(e, la + "pinv", [ref("a")], {"rtol": 0.5}, {"a": x(3, 2)})
    zero, one = x(1).reshape([]), torch.tensor([0])
    add(e, "torch.index_select", [ref("x"), 0, ref("i")], {}, {"x": zero, "i": one}); add(e, "torch.index_fill", [ref("x"), 0, ref("i"), 2.0], {}, {"x": zero, "i": one})
    add(e, "torch.index_add", [ref("x"), 0, ref("i"), ref("s")], {}, {"x": zero, "i": one, "s": x(1, seed=1).reshape([])})
    add(e, "torch.cat", [[ref("x"), ref("y")], 1], {}, {"x": x(2, 2), "y": torch.zeros(0)}); add(e, "torch.tensordot", [ref("x"), ref("y")], {"dims": 1}, {"x": x(2, 1), "y": x(3, 2, seed=1)})
    add(e, "torch.diff", [ref("x")], {"n": 2, "prepend": ref("p"), "append": ref("q")}, {"x": x(2, 3), "p": x(2, 1, seed=1), "q": x(2, 2, seed=2)}); add(e, "torch.diff", [ref("x")], {}, {"x": torch.tensor([True, False, False])})
    weights = {"fweights": torch.tensor([1, 0, 2, 3, 1]), "aweights": torch.tensor([0.5, 1., 2., 0.1, 0.7])}
    for kept in [["fweights"], ["aweights"], ["fweights", "aweights"]]: add(e, "torch.cov", [ref("x")], {k: ref(k) for k in kept}, {"x": x(3, 5), **{k: weights[k] for k in kept}}, grads=False)
    add(e, "torch.trapezoid", [ref("y"), ref("x")], {}, {"y": x(2, 3), "x": x(1, 3, seed=1)}); add(e, "torch.histogram", [ref("x"), 2], {}, {"x": torch.full((3,), 2.)}, grads=False)
    for mode, amounts in [("reflect", [2, -1]), ("replicate", [-2, 3]), ("circular", [-1, 2])]: add(e, f + "pad", [ref("x"), amounts], {"mode": mode}, {"x": x(2, 2, 5)})
    for op in ["median", "nanmedian"]: add(e, "torch." + op, [ref("x")], {}, {"x": torch.tensor([2., 1., 2., 3., 2.])}, note="equals share the derivative")
    bits, at = torch.tensor([True, False, False]), torch.tensor([0, 0, 2])
    add(e, "torch.scatter_add", [ref("x"), 0, ref("i"), ref("s")], {}, {"x": bits, "i": at, "s": torch.tensor([True, True, False])}); add(e, "torch.cummax", [ref("x"), 0], {}, {"x": bits}); add(e, "torch.square", [ref("x")], {}, {"x": bits}); add(e, "torch.isclose", [ref("x"), ref("x")], {}, {"x": bits})
    bytes_ = torch.tensor([250, 3], dtype=torch.uint8)
    add(e, "torch.addcmul", [ref("x"), ref("y"), ref("y")], {}, {"x": x(2), "y": bytes_}, note="no product of bytes on the way"); add(e, "torch.xlogy", [ref("x"), ref("y")], {}, {"x": x(3), "y": torch.tensor(2.5, dtype=torch.float64)}, grads=False, tol={"rtol": 1e-6, "atol": 0}); add(e, "torch.ldexp", [ref("x"), ref("y")], {}, {"x": torch.tensor([3, 5]), "y": torch.tensor(1.5, dtype=torch.float64)}, grads=False)
    add(e, "torch.float_power", [ref("x"), 3], {}, {"x": x(3)}, grads=False, tol={"rtol": 1e-9, "atol": 0}); add(e, "torch.logsumexp", [ref("x"), 0], {}, {"x": torch.tensor([1, 4, 2])}, grads=False)
    add(e, "torch.lgamma", [ref("x")], {}, {"x": torch.tensor([0., -0.])}, grads=False)
    for op, args in [("masked_fill_", [ref("m"), 0.5]), ("add_", [2]), ("clamp_", [0.0])]: add(e, "torch.Tensor." + op, [ref("x"), *args], {}, {"x": x(3), **({"m": bits} if op == "masked_fill_" else {})}, grads=False)
    logs, kinds = torch.log_softmax(x(5, 2, 4), -1), torch.tensor([1, 2, 3, 1, 1])
    for lengths in [[2, 3], [4, 1]]: add(e, f + "ctc_loss", [ref("x"), ref("y"), [5, 4], lengths], {"reduction": "none"}, {"x": logs, "y": kinds}, note="targets one after another")
    nn, wide = torch.nn, {"x": x(2, 2, 6)}
    for module in [nn.Conv1d(2, 4, 3, padding=1, padding_mode="reflect", groups=2), nn.LayerNorm([2, 6]), nn.GroupNorm(2, 2), nn.InstanceNorm1d(2, affine=True), nn.ConvTranspose1d(2, 2, 3, stride=2, output_padding=1)]:
        kwargs = {"Conv1d": {"in_channels": 2, "out_channels": 4, "kernel_size": 3, "padding": 1, "padding_mode": "reflect", "groups": 2}, "LayerNorm": {"normalized_shape": [2, 6]}, "GroupNorm": {"num_groups": 2, "num_channels": 2},
                  "InstanceNorm1d": {"num_features": 2, "affine": True}, "ConvTranspose1d": {"in_channels": 2, "out_channels": 2, "kernel_size": 3, "stride": 2, "output_padding": 1}}[type(module).__name__]
        add(e, f"torch.nn.{type(module).__name__}", [ref("x")], kwargs, wide, module=module)
    for kwargs in [{"negative_slope": 0.3}]: add(e, "torch.nn.LeakyReLU", [ref("x")], kwargs, wide, module=nn.LeakyReLU(**kwargs))
    add(e, "torch.nn.CrossEntropyLoss", [ref("x"), ref("y")], {"label_smoothing": 0.1}, {"x": x(3, 4), "y": torch.tensor([0, 3, 1])}, module=nn.CrossEntropyLoss(label_smoothing=0.1)); add(e, "torch.nn.MaxPool1d", [ref("x")], {"kernel_size": 2, "ceil_mode": True}, wide, module=nn.MaxPool1d(2, ceil_mode=True)); add(e, "torch.nn.ReflectionPad1d", [ref("x")], {"padding": [1, 2]}, wide, module=nn.ReflectionPad1d((1, 2)))
    schedule("LambdaLR", {"lr_lambda": "1 / (1 + 0.1 * epoch)"}); schedule("LambdaLR", {"lr_lambda": "lambda e: e / 5 if e < 5 else 0.95 ** (e - 5)"}); schedule("MultiplicativeLR", {"lr_lambda": "0.9 if epoch % 2 == 0 else 0.99"})
    schedule("OneCycleLR", {"max_lr": 0.5, "total_steps": 20, "three_phase": True, "pct_start": 0.4, "cycle_momentum": False}); schedule("PolynomialLR", {"total_iters": 8, "power": 2.0})
    schedule("SequentialLR", {"schedulers": [{"name": "ConstantLR", "kwargs": {"factor": 0.1, "total_iters": 4}}, {"name": "ExponentialLR", "kwargs": {"gamma": 0.9}}], "milestones": [6]})


def schedule(name, kwargs, steps=16):
    """Rates of a schedule after so many steps; a function of the epoch is a Python expression."""
    optimizer, schedulers = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1), torch.optim.lr_scheduler
    def function(text): return eval(text if text.startswith("lambda") else f"lambda epoch: {text}")
    def made(name, kwargs):
        kwargs = {k: function(v) if k == "lr_lambda" else [made(p["name"], p["kwargs"]) for p in v] if k == "schedulers" else v for k, v in kwargs.items()}
        return getattr(schedulers, name)(optimizer, **kwargs)
    scheduler, rates = made(name, kwargs), []
    for _ in range(steps + 1):
        rates.append([optimizer.param_groups[0]["lr"]])
        optimizer.step(); scheduler.step()
    counts[name] = counts.get(name, 0) + 1
    cases.setdefault("schedules", []).append({"id": f"schedules/{name}/{counts[name]}", "scheduler": f"torch.optim.lr_scheduler.{name}", "kwargs": kwargs, "optimizer": {"name": "torch.optim.SGD", "kwargs": {}, "group_lrs": [0.1]},
                                              "steps": steps, "lrs": rates, "tol": {"rtol": 1e-6, "atol": 1e-9}})


def orthogonal_momentum():
    """Muon iterates in bf16; here in f32, as chainrule does."""
    kept, torch.Tensor.bfloat16 = torch.Tensor.bfloat16, lambda self: self.clone()
    trajectories(*((torch.optim.Muon, k) for k in [{"lr": 0.02}, {"lr": 0.05, "nesterov": False, "weight_decay": 0.0, "adjust_lr_fn": "match_rms_adamw"}]), params={"w": x(2, 3, seed=2)})
    torch.Tensor.bfloat16 = kept


def optimizers():
    adafactor = [{}, {"lr": 0.05, "weight_decay": 0.1, "eps": [1e-4, 1e-2], "d": 1.5}, {"beta2_decay": -0.5, "maximize": True}]
    rprop = [{"lr": 0.1}, {"lr": 0.05, "etas": [0.4, 1.5], "step_sizes": [0.01, 0.3]}]
    trajectories(*((torch.optim.Adafactor, k) for k in adafactor), *((torch.optim.Rprop, k) for k in rprop), params={"w": x(2, 3, seed=2), "b": x(2, seed=3)})


def trajectories(*makers, params):
    for make, kwargs in makers:
        inputs = {"x": x(6, 3), "y": x(6, 2, seed=1)}
        leaves = {k: v.clone().requires_grad_() for k, v in params.items()}
        optimizer = make(leaves.values(), **{k: tuple(v) if isinstance(v, list) else v for k, v in kwargs.items()})
        losses, trajectory = [], {k: [] for k in params}
        for _ in range(12):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(torch.nn.functional.linear(inputs["x"], *leaves.values()), inputs["y"])
            loss.backward(); losses.append(loss.detach()); optimizer.step()
            for k, v in leaves.items(): trajectory[k].append(v.detach().clone())
        step = lambda out, op, *args: {"out": out, "op": op, "args": list(args), "kwargs": {}}
        cases.setdefault("optimizers", []).append({
            "id": f"optimizers/{make.__name__}/{len(cases.get('optimizers', [])) + 1}", "optimizer": f"torch.optim.{make.__name__}", "kwargs": kwargs, "steps": 12,
            "program": [step("p", "torch.nn.functional.linear", ref("x"), *map(ref, params)), step("l", "torch.nn.functional.mse_loss", ref("p"), ref("y"))], "returns": [ref("l")],
            "inputs": {k: encode(v) for k, v in inputs.items()}, "params": {k: encode(v) for k, v in params.items()},
            "losses": encode(torch.stack(losses)), "trajectory": {k: encode(torch.stack(v)) for k, v in trajectory.items()}, "tol": {"rtol": 1e-4, "atol": 1e-5},
        })


if __name__ == "__main__":
    for family in [attention, recurrent, linalg, losses, tensors, special, quantiles, placing, edges, optimizers, orthogonal_momentum]: family()
    for family, list_ in cases.items():
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in list_)
        (here / f"{family}.json").write_text(f'{{"format":"tensor-conformance-v1","family":"{family}","set":"more","oracle":"torch {torch.__version__}","cases":[\n{lines}\n]}}\n')
        print(family, len(list_))
