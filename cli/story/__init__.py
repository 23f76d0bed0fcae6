"""The demo's story: two agencies' March 2026, told as the very command lines a person would type.

Owns the order of the lines and who types them. Every line runs through ``cli.main`` with that person's own login.
"""
