"""``guanyun dataset``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.commands.stepping import take
from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenants.datasets import Dataset

app = App(name="dataset", help="Datasets and their directory 数据目录")

Digest = Annotated[str, Parameter(help="The digest shown by `dataset show`: what you decide on")]
Reason = Annotated[str, Parameter(help="Why, for the other side to read")]


@app.command(name="compile")
def compile_(file: Path) -> None:
    """Hand datasets in for review. For an agency 使用单位.

    Example: guanyun dataset compile examples/datasets.yaml
    """
    from tenants.datasets import compile_datasets, read_datasets

    descriptions = accepted(*read_datasets(file))
    with application() as opened:
        compiled = compile_datasets(opened.office, token(), descriptions)
    for dataset, new in compiled:
        if new:
            say(
                f"{dataset.id} 第 {dataset.version} 版已报审,摘要 {dataset.digest[:12]}",
                f"{dataset.id} version {dataset.version} is handed in, digest {dataset.digest[:12]}",
            )
        else:
            say(f"{dataset.id} 没有变化", f"{dataset.id}: nothing changed")


@app.command
def count(held: int) -> None:
    """Say how many datasets the agency holds in all, listed or not. For an agency.

    Example: guanyun dataset count 120
    """
    from tenants.datasets import count_holdings

    with application() as opened:
        count_holdings(opened.office, token(), held)
    say(f"已申报持有 {held} 个数据集", f"{held} datasets are on record as held")


@app.command
def review(dataset: str, *, digest: Digest) -> None:
    """Find a description right. For the agency's bureau.

    Example: guanyun dataset review employment-registration --digest 3f9a…
    """
    from tenants.datasets import review_dataset

    _do(review_dataset, dataset, digest=digest)


@app.command
def aggregate(dataset: str, *, digest: Digest) -> None:
    """Take a reviewed dataset into the directory of the level above. For that level's bureau.

    Example: guanyun dataset aggregate employment-registration --digest 3f9a…
    """
    from tenants.datasets import aggregate_dataset

    _do(aggregate_dataset, dataset, digest=digest)


@app.command
def grade(dataset: str, file: Path, *, digest: Digest) -> None:
    """Classify a dataset and grade each item, saying how it must be masked. For the aggregating bureau.

    Example: guanyun dataset grade employment-registration examples/grading.yaml --digest 3f9a…
    """
    from tenants.datasets import grade_dataset, read_grading

    category, grades = accepted(*read_grading(file))
    _do(grade_dataset, dataset, digest=digest, category=category, grades=grades)


@app.command
def mask(dataset: str, sample: Path, *, digest: Digest) -> None:
    """Say that the masking asked for is in place; the sample's digest is kept. For the operator.

    Example: guanyun dataset mask employment-registration sample.csv --digest 3f9a…
    """
    from tenants.datasets import mask_dataset

    _do(mask_dataset, dataset, digest=digest, evidence=read_bytes(sample))


@app.command
def publish(dataset: str, *, digest: Digest) -> None:
    """Offer a masked dataset in the directory. For another person of the aggregating bureau.

    Example: guanyun dataset publish employment-registration --digest 3f9a…
    """
    from tenants.datasets import publish_dataset

    _do(publish_dataset, dataset, digest=digest)


@app.command(name="return")
def return_(dataset: str, *, digest: Digest, because: Reason) -> None:
    """Send a dataset back to its agency. For whoever's turn it is.

    Example: guanyun dataset return employment-registration --digest 3f9a… --because "items are missing"
    """
    from tenants.datasets import return_dataset

    _do(return_dataset, dataset, digest=digest, reason=because)


@app.command
def withdraw(dataset: str, *, digest: Digest, because: Reason) -> None:
    """Take a dataset down; every grant on it ends. For its holder.

    Example: guanyun dataset withdraw employment-registration --digest 3f9a… --because "merged into another"
    """
    from tenants.datasets import withdraw_dataset

    _do(withdraw_dataset, dataset, digest=digest, reason=because)


def _do(act: Callable[..., tuple[Dataset, bool]], dataset: str, **given: Any) -> None:
    take(act, dataset, lambda one: (f"{one.id} 第 {one.version} 版", f"{one.id} version {one.version}"), **given)


@app.command(name="show")
def show_(dataset: str, *, version: int | None = None, json: Json = False) -> None:
    """Show one dataset you may see whole: its newest version, or the one named.

    Example: guanyun dataset show employment-registration
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.datasets import dataset_of

    with application() as opened, viewing(opened.office, token()) as view:
        found = dataset_of(view, dataset, version)
    show_one(plain(found), json=json)


_COLUMNS = {
    "id": "编号 id",
    "version": "版本 version",
    "agency": "单位 agency",
    "zh": "名称",
    "en": "name",
    "sharing": "共享 sharing",
    "level": "级别 level",
    "state": "状态 state",
    "digest": "摘要 digest",
}


@app.command
def directory(*, after: str = "", json: Json = False) -> None:
    """List what is published, of every agency: the directory everybody reads 统一目录.

    Example: guanyun dataset directory
    """
    from governance.authority import viewing
    from tenants.datasets import directory as published

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(one) for one in published(view, after=after)]
    show(rows, _COLUMNS, json=json)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List every version you may see whole: an agency its own.

    Example: guanyun dataset list
    """
    from governance.authority import viewing
    from tenants.datasets import datasets

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(one) for one in datasets(view)]
    show(rows, _COLUMNS, json=json)


def _row(dataset: Dataset) -> Mapping[str, Any]:
    return {
        "id": dataset.id,
        "version": dataset.version,
        "agency": dataset.agency,
        "zh": dataset.description.zh,
        "en": dataset.description.en,
        "sharing": dataset.description.sharing.value,
        "level": dataset.level,
        "state": dataset.state.value,
        "digest": dataset.digest,
    }


@app.command
def coverage(*, json: Json = False) -> None:
    """Show how much of what each agency holds is listed 编目率.

    Example: guanyun dataset coverage
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.datasets import coverage as covered

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(one) | {"per_mille": one.per_mille} for one in covered(view)]
    columns = {
        "agency": "单位 agency",
        "listed": "已编目 listed",
        "published": "已发布 published",
        "held": "持有 held",
        "per_mille": "编目率 ‰",
    }
    show(rows, columns, json=json)
