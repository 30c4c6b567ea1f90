"""Makes the files beside it with PyTorch: initial parameters, and the first losses from them.

    python examples/unet-denoise/torch/make.py
"""
import pathlib, sys
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
sys.path.append(str(here.parent.parent / "common"))
from torch_run import digits, save_run, save_weights, train


def noise(count):
    """The numbers of `data.ts`."""
    h = np.arange(1, count + 1, dtype=np.uint32)
    h = (h ^ (h >> 16)) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> 13)) * np.uint32(0xC2B2AE35)
    h = h ^ (h >> 16)
    total = sum(((h >> shift) & 255).astype(np.float64) for shift in (0, 8, 16, 24))
    return (total - 510) / np.sqrt(4 * 65535 / 12)


clean, _ = digits()
noisy = torch.from_numpy((clean.numpy().astype(np.float64) + 0.3 * noise(clean.numel()).reshape(-1, 64)).astype(np.float32))


def stage(before, after):
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1), nn.GroupNorm(4, after), nn.SiLU(),
        nn.Conv2d(after, after, 3, padding=1), nn.GroupNorm(4, after), nn.SiLU(),
    )


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2, self.middle = stage(1, 12), stage(12, 24), stage(24, 24)
        self.up2, self.up1, self.out = stage(48, 24), stage(36, 12), nn.Conv2d(12, 1, 1)

    def forward(self, x):
        halved, doubled = lambda x: F.max_pool2d(x, 2), lambda x: F.interpolate(x, scale_factor=2)
        a = self.down1(x)
        b = self.down2(halved(a))
        c = self.middle(halved(b))
        return self.out(self.up1(torch.cat([a, doubled(self.up2(torch.cat([b, doubled(c)], 1)))], 1)))


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Unet()

    def forward(self, noisy):
        return noisy - self.net(noisy.reshape(-1, 1, 8, 8)).reshape(-1, 64)


torch.manual_seed(0)
model = Denoiser()
save_weights(here, model)
rows = torch.randint(0, len(clean), (20, 32))
losses = train(model, torch.optim.Adam(model.parameters(), lr=2e-3), 20, lambda i: F.mse_loss(model(noisy[rows[i]]), clean[rows[i]]))
save_run(here, rows=rows.tolist(), losses=losses)
