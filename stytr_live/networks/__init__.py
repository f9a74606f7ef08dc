"""The only place that knows layers."""

from stytr_live.networks.network import Network, StyleCode
from stytr_live.networks.weights import load_network

__all__ = ["Network", "StyleCode", "load_network"]
