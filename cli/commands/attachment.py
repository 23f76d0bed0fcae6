"""``guanyun attachment``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import read_bytes

app = App(name="attachment", help="Files attached to projects, requests, list entries 附件")


@app.command
def add(file: Path, *, to: str, personal: bool = False) -> None:
    """Attach a file to a subject, told by its content; --personal where it holds personal data.

    Example: guanyun attachment add plan.pdf --to project:P-HRSS-2026-01
    """
    from governance.attachments import add_attachment
    from wiring.attachments import blob_store, subject_exists

    content = read_bytes(file)
    with application() as opened:
        added = add_attachment(
            opened.office,
            token(),
            blob_store(opened),
            subject=to,
            name=file.name,
            content=content,
            exists=subject_exists,
            personal=personal,
        )
    say(f"已附于 {to}:{added.media_type},摘要 {added.digest}", f"attached to {to}: {added.media_type}, {added.digest}")


@app.command(name="list")
def list_(*, to: str = "", json: Json = False) -> None:
    """List the attachments you may see, or those of one subject.

    Example: guanyun attachment list --to project:P-HRSS-2026-01
    """
    from foundation.evidence import plain
    from governance.attachments import attachments
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in attachments(view.transaction, view.scope, subject=to or None)]
    columns = {
        "subject": "对象 subject",
        "name": "文件 name",
        "media_type": "类型 type",
        "size": "字节 bytes",
        "party": "单位 party",
        "personal": "个人信息 personal",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command
def download(digest: str, to: Path) -> None:
    """Write an attachment to a file; of personal data the audit log keeps that you did.

    Example: guanyun attachment download 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 plan.pdf
    """
    from governance.attachments import download_attachment
    from wiring.attachments import blob_store

    with application() as opened:
        found, content = download_attachment(opened.office, token(), blob_store(opened), digest)
    with to.open("xb") as made:
        made.write(content)
    say(f"已写入 {to}({found.media_type})", f"written to {to} ({found.media_type})")


@app.command
def sweep() -> None:
    """Remove stored files that nothing refers to: what a kill left behind.

    Example: guanyun attachment sweep
    """
    from governance.attachments import sweep_attachments
    from wiring.attachments import blob_store

    with application() as opened:
        swept = sweep_attachments(opened.office, blob_store(opened))
    say(
        f"已清除无主文件 {swept.orphans} 个、未写完的 {swept.partials} 个,共 {swept.bytes} 字节",
        f"removed {swept.orphans} files nobody has and {swept.partials} half-written ones, {swept.bytes} bytes",
    )


@app.command
def check(*, json: Json = False) -> int:
    """Read every stored file and say which are missing or damaged.

    Example: guanyun attachment check
    """
    from foundation.evidence import plain
    from governance.attachments import check_attachments
    from wiring.attachments import blob_store

    with application() as opened:
        troubles = [plain(each) for each in check_attachments(opened.store, blob_store(opened))]
    show(troubles, {"digest": "摘要 digest", "what": "问题 trouble"}, json=json)
    return 3 if troubles else 0
