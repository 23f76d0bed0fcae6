"""The floor everything stands on: values, evidence, documents, store, work.

Owns words without a domain (money, instants, digests, tables, leases). Knows no party, price or cloud.
"""
