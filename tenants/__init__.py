"""Tenants: what agencies ask for, what they were granted, and the register 资源台账 of what exists for whom.

Owns requests and their approval, environments with their address plan, and the register. Builds nothing (that is
``infra``'s) and charges nothing (that is ``billing``'s): it hears from the one by outbox events and is read by the
other through a port.
"""
