"""The doctor: looks at everything an installation stands on, and says what is wrong and what to do about it.

Owns the list of checks and what each finds. Changes nothing. A check that fails itself stops no other and shows nobody
a traceback; one that needs the database says so while it is away.
"""

from wiring.doctor.examining import CHECKS, examine
from wiring.doctor.model import Check, Checked, Patient

__all__ = ["CHECKS", "Check", "Checked", "Patient", "examine"]
