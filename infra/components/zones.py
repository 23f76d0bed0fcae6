"""What a network zone lets out."""

from __future__ import annotations

from governance.environments import Zone

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
EGRESS = {Zone.EXTRANET: PRIVATE, Zone.INTERNET: ("0.0.0.0/0",)}
"""Where an environment's machines may connect to: the extranet zone does not reach the internet."""
