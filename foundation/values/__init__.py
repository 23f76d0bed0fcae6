"""Frozen values and plain functions: money, quantity, instant, month, working days, findings, errors.

Does no I/O and imports no other package of ours; every other package may import it.
"""
