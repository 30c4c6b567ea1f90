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


def train(model, optimizer, count, loss_of):
    """Takes `count` steps; `loss_of(i)` is the loss of the i-th. Returns the losses."""
    losses = []
    for i in range(count):
        optimizer.zero_grad()
        loss = loss_of(i)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
