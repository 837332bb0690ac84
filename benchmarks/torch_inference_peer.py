"""ResNets in plain PyTorch answering cells, on request; runs by itself with torch and numpy only.

Called by `benchmarks.inference`: python torch_inference_peer.py NETWORK SIDE CHANNELS CLASSES, then cells a line.
Answers `ready` or `unknown`, then seconds by the clock and of CPU time.
"""

import sys
import time

import torch
from torch import nn
from torch_peer import resnet50


class Basic(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
        )  # fmt: skip
        self.short = nn.Identity()
        if stride > 1 or before != width:
            self.short = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return torch.relu(self.body(x) + self.short(x))


def resnet18(channels, classes):
    layers = [
        nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1),
    ]  # fmt: skip
    before = 64
    for number, width in enumerate((64, 128, 256, 512)):
        for place in range(2):
            layers.append(Basic(before, width, 2 if number and not place else 1))
            before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def balanced(channels, classes):
    layers = [nn.Conv2d(channels, 24, 3, 1, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU(True)]
    before = 24
    for width, stride in ((32, 2), (64, 2), (128, 2), (192, 1)):
        layers.append(Basic(before, width, stride))
        before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


NETWORKS = {"resnet50": resnet50, "resnet18": resnet18, "balanced": balanced}


def main(name, side, channels, classes):
    if name not in NETWORKS:
        print("unknown", flush=True)
        return
    net = NETWORKS[name](channels, classes).eval().to(memory_format=torch.channels_last)
    print("ready", flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            images = torch.randn(int(line), channels, side, side).to(memory_format=torch.channels_last)
            began, used = time.perf_counter(), time.process_time()
            for batch in images.split(128):
                net(batch)
            print(time.perf_counter() - began, time.process_time() - used, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
