"""What ``takeover`` refuses. What is wrong inside a file is never an error: it is findings.

GuanyunError
└── TakeoverError
    ├── RoomUnknown             no room of that code has been imported
    └── RoomWithoutSystems      nobody has said yet whose machines these are
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class TakeoverError(GuanyunError):
    """Base of this package's errors."""

    code = "takeover.error"


class RoomUnknown(TakeoverError):
    """``room`` has not been imported, or is outside the asker's scope."""

    code = "takeover.room-unknown"
    exit_status = 2
    zh = "没有机房 {room}:请先导入"
    en = "there is no machine room {room}: import it first"


class RoomWithoutSystems(TakeoverError):
    """``room`` has machines, but no systems have been confirmed for it."""

    code = "takeover.room-without-systems"
    exit_status = 2
    zh = "机房 {room} 还没有确认业务系统:请先用 systems.yaml 指定,或接受建议的系统"
    en = "no business systems are confirmed for room {room}: name them in a systems.yaml, or accept the proposed ones"
