"""Makes the files beside it with PyTorch: initial parameters, the first losses from them, and the loss on held-out text after 600 steps.

    python examples/char-gpt/torch/make.py
"""
import pathlib, sys
import torch
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import save_run, save_weights, train, windows

width, heads, context, steps = 48, 4, 64, 600
(tokens, following), (held, held_following), characters = windows(context)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = (part.unflatten(-1, (heads, width // heads)).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention, self.norm2 = nn.LayerNorm(width), Attention(), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(characters, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, characters)
        for table in (self.tokens, self.positions):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


torch.manual_seed(0)
model = Gpt()
save_weights(here, model)
rows = (torch.arange(16 * steps) * 41 % len(tokens)).reshape(steps, 16)  # 41 apart: every window once in a pass, in another order
loss = lambda tokens, following: F.cross_entropy(model(tokens).flatten(0, 1), following.flatten())
losses = train(model, torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01), steps, lambda i: loss(tokens[rows[i]], following[rows[i]]), max_norm=1)
with torch.no_grad():
    validation = loss(held, held_following).item()
print(f"{sum(p.numel() for p in model.parameters())} parameters; losses {losses[0]:.3f} to {losses[-1]:.3f}; {validation:.4f} on held-out text")
save_run(here, rows=rows[:20].tolist(), losses=losses[:20], steps=steps, validation=validation)
