"""What a secret leaves behind in the cloud, so that it can be compared without being read."""

from __future__ import annotations

import hashlib

_COST = {"n": 2**14, "r": 8, "p": 1}


def fingerprint(value: str, salt: str) -> str:
    """64 hexadecimal digits.

    They are seen by whoever may list the resource, so they are slow to make (about 50 ms, 16 MB): a weak password
    must not be found by trying. ``salt`` is what names the resource: two with one password do not look alike.
    """
    return hashlib.scrypt(value.encode(), salt=salt.encode(), dklen=32, **_COST).hex()
