"""Replays the CPU traces of PlanetLab's machines as a consumption meter, every record marked ``replay:planetlab``.

Owns reading the archives and turning percent into vCPU-seconds of our instances. Keeping the records is ``billing``'s.
"""

from monitoring.planetlab.archives import Traces, read_planetlab
from monitoring.planetlab.records import Instance, planetlab_records, planetlab_table

__all__ = ["Instance", "Traces", "planetlab_records", "planetlab_table", "read_planetlab"]
