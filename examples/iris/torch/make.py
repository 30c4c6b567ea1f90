"""Makes the files beside it with PyTorch: initial parameters, and the first losses from them.

    python examples/iris/torch/make.py
"""
import pathlib, sys
import numpy as np
import torch
from torch import nn

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import save_run, save_weights, train

cm = np.fromfile(here.parent / "data" / "features.f32", "<f4").reshape(-1, 4).astype(np.float64)
mean, deviation = [5.8433, 3.0573, 3.758, 1.1993], [0.8253, 0.4344, 1.7594, 0.7597]
x = torch.from_numpy(((cm - mean) / deviation).astype(np.float32))
label = torch.from_numpy(np.fromfile(here.parent / "data" / "labels.u8", np.uint8).astype(np.int64))


class Iris(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 3))


torch.manual_seed(0)
model = Iris()
save_weights(here, model)
rows = torch.randint(0, len(x), (20, 15))
losses = train(model, torch.optim.Adam(model.parameters(), lr=1e-2), 20, lambda i: nn.functional.cross_entropy(model.net(x[rows[i]]), label[rows[i]]))
save_run(here, rows=rows.tolist(), losses=losses)
