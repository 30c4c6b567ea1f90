"""PyTorch, eager, on one thread: what serve.ts is for the contenders in TypeScript.

Reads a question, a line of JSON, from standard input, and answers with another on file descriptor 3 (see remote.ts).
"""

import array
import json
import os
import struct
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def read_safetensors(path):
    """Tensors by name (huggingface.co/docs/safetensors)."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    dtypes = {"F32": torch.float32, "I32": torch.int32}
    return {
        name: torch.frombuffer(data[start + entry["data_offsets"][0]:start + entry["data_offsets"][1]], dtype=dtypes[entry["dtype"]]).reshape(entry["shape"]).clone()
        for name, entry in header.items()
    }


class Job:
    """One call of a workload; `reset` sets the weights, and what the optimizer knows, to where they were at first."""

    def __init__(self, call, reset=lambda: None):
        self.call, self.reset = call, reset


def forward(f):
    def make(x, w):
        def call():
            with torch.inference_mode():
                return f(x, w)

        return Job(call)

    return make


def training(loss, optimizer):
    def make(x, start):
        w, rule = {}, None

        def reset():
            nonlocal w, rule
            w = {name: value.clone().requires_grad_() for name, value in start.items()}
            rule = optimizer(list(w.values()))

        def call():
            rule.zero_grad()
            value = loss(x, w)
            value.backward()
            rule.step()
            return value.detach()

        reset()
        return Job(call, reset)

    return make


def line(x, start):
    """The tutorial's: three steps of gradient descent, a sample each, on one variable."""
    w = None

    def reset():
        nonlocal w
        w = start["w"].clone().requires_grad_()

    def call():
        for xi, yi in zip(x["x"], x["y"]):
            (xi * w - yi).square().backward()
            w.data = w.data - 0.01 * w.grad.data
            w.grad.data.zero_()
        return w.detach()

    reset()
    return Job(call, reset)


def linear(x, w, name):
    return F.linear(x, w[name + ".weight"], w[name + ".bias"])


def layer_norm(x, w, name):
    return F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"])


def classifier(x, w):
    return linear(F.relu(linear(x, w, "net.0")), w, "net.2")


def cnn(x, w):
    for name in ("conv1", "conv2"):
        x = F.max_pool2d(F.relu(F.conv2d(x, w[name + ".weight"], w[name + ".bias"], padding=1)), 2)
    return linear(x.flatten(1), w, "fc")


def block(x, w):
    batch, positions, width = x.shape
    qkv = linear(layer_norm(x, w, "block.norm1"), w, "block.qkv").reshape(batch, positions, 3, 4, width // 4)
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, positions, width)
    y = x + linear(mixed, w, "block.proj")
    return y + linear(F.gelu(linear(layer_norm(y, w, "block.norm2"), w, "block.fc1")), w, "block.fc2")


def lstm(x, start):
    net = torch.nn.LSTM(x["x"].shape[2], x["x"].shape[2])
    net.load_state_dict({name.removeprefix("lstm."): value for name, value in start.items()})
    return forward(lambda x, w: net(x["x"])[0])(x, start)


def cross_entropy(logits, x):
    return F.cross_entropy(logits, x["label"].long())


jobs = {
    "W1": training(lambda x, w: (x["x"].mm(w["w1"]).clamp(min=0).mm(w["w2"]) - x["y"]).pow(2).sum(), lambda w: torch.optim.SGD(w, lr=1e-6)),
    "W2": line,
    "W3": training(lambda x, w: cross_entropy(classifier(x["x"], w), x), lambda w: torch.optim.Adam(w, lr=1e-3)),
    "W4": training(lambda x, w: cross_entropy(cnn(x["x"], w), x), lambda w: torch.optim.SGD(w, lr=0.01)),
    "W4i": forward(lambda x, w: cnn(x["x"], w)),
    "W5": forward(lambda x, w: block(x["x"], w)),
    "W5t": training(lambda x, w: F.mse_loss(block(x["x"], w), x["y"]), lambda w: torch.optim.Adam(w, lr=1e-3)),
    "W6": forward(lambda x, w: x["a"] @ x["b"]),
    "W7a": forward(lambda x, w: x["x"].softmax(-1)),
    "W7b": forward(lambda x, w: layer_norm(x["x"], w, "norm")),
    "W7c": forward(lambda x, w: F.gelu(2 * x["x"] + 1) * x["x"].sigmoid()),
    "W8": lstm,
    "W9": forward(lambda x, w: classifier(x["x"], w)),
}


def sample(job, seconds):
    """Milliseconds of one call, several times over: of 50 ms of calls each, until the time is up, three at least."""
    job.reset()
    count, spent = 1, 0.0
    while True:
        start = time.perf_counter()
        for _ in range(count):
            job.call()
        spent = time.perf_counter() - start
        if spent >= 0.05:
            break
        count = max(count + 1, int(count * min(10.0, 0.06 / max(spent, 1e-6))))
    job.reset()
    samples, total = [], 0.0
    while total < seconds or len(samples) < 3:
        start = time.perf_counter()
        for _ in range(count):
            job.call()
        spent = time.perf_counter() - start
        samples.append(1000 * spent / count)
        total += spent
    return samples


class Contender:
    job = None

    def answer(self, question):
        if question["ask"] == "sample":
            return {"samples": sample(self.job, question["seconds"])}
        make = jobs.get(question["id"])
        if make is None:
            return {"unavailable": "it is not written for it"}
        given = read_safetensors(question["data"])
        of = lambda kind: {name.removeprefix(kind + "."): value for name, value in given.items() if name.startswith(kind + ".")}
        self.job = make(of("input"), of("weight"))
        with open(question["file"], "wb") as out:
            for _ in range(question["calls"]):
                array.array("f", self.job.call().flatten().tolist()).tofile(out)
        sample(self.job, 0.3)
        return {"ready": True}


contender = Contender()
with os.fdopen(3, "w") as answers:
    for text in sys.stdin:
        try:
            reply = contender.answer(json.loads(text))
        except Exception as error:
            reply = {"unavailable": f"it fails: {error}"}
        print(json.dumps(reply), file=answers, flush=True)
