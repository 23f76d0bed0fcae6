"""The Pulumi provider ``pulumi-resource-guanyun``: Check, Diff, Create, Read, Update, Delete over the AWS API.

One generic lifecycle and one short spec a kind (``kinds``). Owns how a resource is made so that a crash at any point
leaves neither a double nor an orphan (token, adoption, sweep). Does not know stacks, plans, approvals or databases,
and imports nothing of ours but ``foundation.values``. Its configuration is the environment of its process.
"""

from __future__ import annotations

__all__: list[str] = []
