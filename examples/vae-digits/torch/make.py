"""Makes the files beside it with PyTorch: initial parameters, and the first losses from them.

    python examples/vae-digits/torch/make.py
"""
import pathlib, sys
import torch
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import digits, save_run, save_weights, train

x, _ = digits()


class Vae(nn.Module):
    def __init__(self, code=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.mean = nn.Linear(32, code)
        self.logVariance = nn.Linear(32, code)
        self.decoder = nn.Sequential(nn.Linear(code, 32), nn.ReLU(), nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64))

    def loss(self, x, noise):
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.logVariance(hidden)
        image = self.decoder(mean + (log_variance / 2).exp() * noise)
        reconstruction = F.binary_cross_entropy_with_logits(image, x, reduction="none").sum(-1).mean()
        return reconstruction + (mean**2 + log_variance.exp() - log_variance - 1).sum(-1).mean() / 2


torch.manual_seed(0)
model = Vae()
save_weights(here, model)
rows = torch.randint(0, len(x), (20, 32))
noise = (torch.randn(20, 32, 2) * 1000).round() / 1000  # three digits, so that the file is short
losses = train(model, torch.optim.Adam(model.parameters(), lr=2e-3), 20, lambda i: model.loss(x[rows[i]], noise[i]))
save_run(here, rows=rows.tolist(), noise=[[round(v, 3) for v in step] for step in noise.flatten(1).tolist()], losses=losses)
