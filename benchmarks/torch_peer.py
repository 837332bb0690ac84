"""ResNet50 in plain PyTorch, one training step at a time on request; runs by itself with torch and numpy only.

Called by `benchmarks.training_speed`: python torch_peer.py SIDE CHANNELS CLASSES BATCH, then a number of steps a line.
"""

import sys
import time

import torch
from torch import nn


class Bottleneck(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.Conv2d(width, width * 4, 1, bias=False), nn.BatchNorm2d(width * 4),
        )  # fmt: skip
        self.short = nn.Identity()
        if stride > 1 or before != width * 4:
            self.short = nn.Sequential(
                nn.Conv2d(before, width * 4, 1, stride, bias=False), nn.BatchNorm2d(width * 4)
            )  # fmt: skip

    def forward(self, x):
        return torch.relu(self.body(x) + self.short(x))


def resnet50(channels, classes):
    layers = [
        nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1),
    ]  # fmt: skip
    before = 64
    for number, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for place in range(blocks):
            layers.append(Bottleneck(before, width, 2 if number and not place else 1))
            before = width * 4
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def main(side, channels, classes, batch):
    torch.manual_seed(0)
    net = resnet50(channels, classes).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3)
    images = torch.randn(batch, channels, side, side).to(memory_format=torch.channels_last)
    truth = torch.randint(0, classes, (batch,))
    loss_of = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(net(images), truth).backward()
        optimizer.step()

    print(sum(p.numel() for p in net.parameters()), flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        for _ in range(int(line)):
            step()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
