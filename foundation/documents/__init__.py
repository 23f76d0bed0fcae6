"""Documents: what comes in as a file or a workbook, and what goes out as a page.

Owns reading an uploaded workbook without trusting it: a child process with memory, time and output limits inspects
and reads it, and this process only ever sees plain rows or findings. Owns what an uploaded file is, told by its
content (``content_types``), and the folder where such files lie under their digests (``blobs``). Owns writing PDF
(``foundation.documents.pdf``). Knows nothing of what the rows mean: that is the importing package's.
"""

from foundation.documents.blobs import BlobStore
from foundation.documents.limits import Limits
from foundation.documents.workbook import Cell, Row, Workbook, read_workbook

__all__ = ["BlobStore", "Cell", "Limits", "Row", "Workbook", "read_workbook"]
