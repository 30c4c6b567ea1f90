"""Makes the files beside it with PyTorch: initial parameters, and the first losses from them.

    python examples/lstm-text/torch/make.py
"""
import pathlib, sys
import torch
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import save_run, save_weights, train, windows

(tokens, following), _, characters = windows(48)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(characters, 32)
        self.lstm = nn.LSTM(32, 64, batch_first=True)
        self.head = nn.Linear(64, characters)

    def forward(self, tokens):
        return self.head(self.lstm(self.embed(tokens))[0])


torch.manual_seed(0)
model = Lstm()
save_weights(here, model)
rows = torch.randint(0, len(tokens), (20, 16))
loss = lambda i: F.cross_entropy(model(tokens[rows[i]]).flatten(0, 1), following[rows[i]].flatten())
losses = train(model, torch.optim.Adam(model.parameters(), lr=5e-3), 20, loss, max_norm=1)
save_run(here, rows=rows.tolist(), losses=losses)
