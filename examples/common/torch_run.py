"""What the scripts in the examples' torch/ folders share: a PyTorch model's parameters and its first losses, as files.

The safetensors file is written by hand, as the format's own page has it (huggingface.co/docs/safetensors).
"""
import json, pathlib, struct
import numpy as np
import torch

examples = pathlib.Path(__file__).parent.parent


def digits():
    """The UCI digits: images [1797, 64] from 0 to 1, labels [1797]."""
    data = examples / "digits" / "data"
    images = np.fromfile(data / "images.u8", np.uint8).reshape(-1, 64)
    return torch.from_numpy(images / np.float32(16)), torch.from_numpy(np.fromfile(data / "labels.u8", np.uint8).astype(np.int64))


def save_weights(folder, model):
    """The parameters as they are now, in f32."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, t in model.state_dict().items():
        assert t.dtype == torch.float32, name
        raw = t.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "weights.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def save_run(folder, **run):
    """What a program needs to take the same steps, and the losses PyTorch had on the way: a line for each name."""
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in {"torch": torch.__version__, **run}.items()]
    (folder / "run.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def train(model, optimizer, count, loss_of, max_norm=None):
    """Takes `count` steps; `loss_of(i)` is the loss of the i-th; gradients are scaled to a norm of `max_norm` at most. Returns the losses."""
    losses = []
    for i in range(count):
        optimizer.zero_grad()
        loss = loss_of(i)
        loss.backward()
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses


def windows(length):
    """The text in `shakespeare.txt` cut into windows: (tokens, next tokens), each [windows, length], to train on; the same to validate with; and the size of the vocabulary."""
    text = (examples / "common" / "shakespeare.txt").read_text("latin1")
    vocabulary = sorted(set(text))
    tokens = torch.tensor([vocabulary.index(c) for c in text])
    count = (len(tokens) - 1) // length
    both = [tokens[i : i + count * length].reshape(count, length) for i in (0, 1)]
    held = count // 10
    return [t[:-held] for t in both], [t[-held:] for t in both], len(vocabulary)
