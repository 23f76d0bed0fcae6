"""Documents: what comes in as a workbook and what goes out as a page.

Owns reading an uploaded workbook without trusting it: a child process with memory, time and output limits inspects
and reads it, and this process only ever sees plain rows or findings. Owns writing PDF (``foundation.documents.pdf``).
Knows nothing of what the rows mean: that is the importing package's.
"""

from foundation.documents.limits import Limits
from foundation.documents.workbook import Cell, Row, Workbook, read_workbook

__all__ = ["Cell", "Limits", "Row", "Workbook", "read_workbook"]
