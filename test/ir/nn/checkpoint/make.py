"""Makes the checkpoint of this folder with PyTorch (2.13, CPU): a small model's state dict, and what it computes.

    python test/ir/nn/checkpoint/make.py

The file is written by hand, as the format's own page has it (huggingface.co/docs/safetensors).
"""
import json, pathlib, struct
import torch
from torch import nn

here = pathlib.Path(__file__).parent
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.self_attn = nn.MultiheadAttention(width, 2, batch_first=True)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.gain = nn.Parameter(torch.rand(width))

    def forward(self, x):
        mask = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1)
        y = self.norm1(x)
        x = x + self.self_attn(y, y, y, attn_mask=mask)[0] * self.gain
        return x + self.mlp(self.norm2(x))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.layers = nn.ModuleList([Block(8), Block(8)])
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), 1, nn.LayerNorm(8))
        self.lstm = nn.LSTM(8, 4, bidirectional=True, batch_first=True)
        self.norm = nn.BatchNorm1d(8)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens):
        x = self.embed(tokens)
        for layer in self.layers: x = layer(x)
        x, _ = self.lstm(self.encoder(x))
        return self.head(self.norm(x.transpose(1, 2)).transpose(1, 2))


model = Tagger()
tokens = torch.randint(0, 11, (4, 5))
model(tokens)  # a step in training mode, so that the running statistics are not the first ones
model.eval()
state = {k: v.contiguous() for k, v in model.state_dict().items()}
names = {torch.float32: "F32", torch.int64: "I64"}
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, t in state.items():
    raw = t.numpy().tobytes()
    header[name] = {"dtype": names[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
(here / "tagger.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
logits = model(tokens)
(here / "tagger.json").write_text(json.dumps({"tokens": tokens.tolist(), "logits": logits.flatten().tolist(), "names": list(state)}) + "\n")
