"""Networks from pictures to pictures: one module each, registered by a call."""

from wizard.engine.labeling.networks import published, unet  # noqa: F401 registration
from wizard.engine.labeling.networks.base import NETWORKS, PictureNetwork, build, network

__all__ = ["NETWORKS", "PictureNetwork", "build", "network"]
