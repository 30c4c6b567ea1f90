"""Makes the files beside it with PyTorch: initial parameters, and the first losses from them.

    python examples/cnn-digits/torch/make.py
"""
import pathlib, sys
import torch
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import digits, save_run, save_weights, train

x, label = digits()


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        edges = F.max_pool2d(self.conv1(x.reshape(-1, 1, 8, 8)).relu(), 2)
        return self.fc(F.max_pool2d(self.conv2(edges).relu(), 2).flatten(1))


torch.manual_seed(0)
model = Cnn()
save_weights(here, model)
rows = torch.randint(0, len(x), (20, 32))
losses = train(model, torch.optim.Adam(model.parameters(), lr=2e-3), 20, lambda i: F.cross_entropy(model(x[rows[i]]), label[rows[i]]))
save_run(here, rows=rows.tolist(), losses=losses)
