"""Network families: one module each, registered by a decorator; a user's own by entry point."""

from wizard.engine.networks import applications, compact  # noqa: F401 registration
from wizard.engine.networks.base import NETWORKS, STAGES, Network, network

__all__ = ["NETWORKS", "STAGES", "Network", "network"]
