"""Network families: one module each, registered by a decorator; a user's own by entry point."""

from wizard.engine.networks import (  # noqa: F401 registration
    aideveloper_large,
    aideveloper_small,
    applications,
    residual,
)
from wizard.engine.networks.base import NETWORKS, STAGES, Network, network

__all__ = ["NETWORKS", "STAGES", "Network", "network"]
