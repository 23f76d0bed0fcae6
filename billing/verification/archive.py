"""The form of a pack: a zip of stored files, sorted, without times or attributes, so that its bytes are one. Pure.

Nothing in it is compressed: what a reader unpacks is never larger than what was handed over.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from billing.verification.errors import NotAPack

MEMBERS_AT_MOST = 10_000
_NAME = re.compile(r"(?:[a-z]+/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a pack with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            if not _NAME.fullmatch(name):
                raise NotAPack(file=name, reason_zh="文件名不合要求", reason_en="it is no name a file of a pack has")
            member = zipfile.ZipInfo(name, _NO_TIME)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, files[name])
    return buffer.getvalue()


def read_archive(data: bytes, *, file: str) -> dict[str, bytes]:
    """The files of a pack by name; raises ``NotAPack`` for anything a pack is not."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check(members, len(data), file)
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as cause:
        raise NotAPack(file=file, reason_zh=f"压缩包已损坏({cause})", reason_en=f"damaged ({cause})") from cause


def is_one_form(data: bytes, files: Mapping[str, bytes]) -> bool:
    """Whether the bytes are exactly what ``write_archive`` makes of the files: nothing else is hidden in them."""
    return write_archive(files) == data


def _check(members: list[zipfile.ZipInfo], size: int, file: str) -> None:
    if len(members) > MEMBERS_AT_MOST:
        raise NotAPack(file=file, reason_zh=f"文件过多({len(members)})", reason_en=f"{len(members)} files in it")
    if sum(member.file_size for member in members) > size:
        raise NotAPack(file=file, reason_zh="展开后比自身还大", reason_en="it would unpack to more than its size")
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise NotAPack(file=file, reason_zh="有重名文件", reason_en="a name stands in it twice")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise NotAPack(
                file=file, reason_zh=f"{member.filename} 被压缩过", reason_en=f"{member.filename} is compressed"
            )
        if not _NAME.fullmatch(member.filename):
            raise NotAPack(file=file, reason_zh="有不应有的文件名", reason_en="a name in it is none a pack has")
