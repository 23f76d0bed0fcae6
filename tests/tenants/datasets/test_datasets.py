"""A dataset from its holder to the directory: each step by whoever's turn it is, none twice, none out of order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.tasks import inbox
from tenants.datasets import (
    DatasetState,
    ItemGrade,
    Masking,
    Sharing,
    aggregate_dataset,
    compile_datasets,
    count_holdings,
    coverage,
    dataset_of,
    datasets,
    directory,
    grade_dataset,
    mask_dataset,
    publish_dataset,
    read_datasets,
    read_grading,
    return_dataset,
    review_dataset,
    withdraw_dataset,
)
from tenants.errors import DatasetUnfit, GradingUnfit, InvalidDatasets, NotShared
from tests.tenants.datasets.conftest import GRADES, Directory, described

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_a_dataset_goes_from_its_holder_to_everybodys_directory(directory_of: Directory) -> None:
    published = directory_of.go(directory_of.compile())
    assert (published.state, published.version, published.level) == (DatasetState.PUBLISHED, 1, 3)
    with viewing(directory_of.office, directory_of.tokens["housing-1"]) as view:
        assert [one.id for one in directory(view)] == ["employment"]
        assert datasets(view) == [], "whole, only its holder sees it"
        with pytest.raises(NotFound):
            dataset_of(view, "employment")


def test_what_is_not_published_is_in_nobodys_directory(directory_of: Directory) -> None:
    directory_of.go(directory_of.compile(), "mask")
    with viewing(directory_of.office, directory_of.tokens["bureau-1"]) as view:
        assert directory(view) == []


@pytest.mark.parametrize(
    ("step", "account"),
    [("review", "hrss-2"), ("review", "operator-1"), ("review", "housing-1"), ("aggregate", "bureau-1")],
)
def test_nobody_takes_a_turn_that_is_not_theirs(directory_of: Directory, step: str, account: str) -> None:
    """Nobody of the holder reviews; who reviewed does not aggregate."""
    dataset = directory_of.compile()
    if step == "aggregate":
        directory_of.go(dataset, "review")
    act = {"review": review_dataset, "aggregate": aggregate_dataset}[step]
    with pytest.raises(Refused):
        act(directory_of.office, directory_of.tokens[account], "employment", digest=dataset.digest)


def test_who_graded_does_not_publish(directory_of: Directory) -> None:
    dataset = directory_of.compile()
    directory_of.go(dataset, "mask")
    with pytest.raises(Refused, match="same natural person"):
        publish_dataset(directory_of.office, directory_of.tokens["bureau-1"], "employment", digest=dataset.digest)


def test_a_step_binds_to_the_digest_and_keeps_its_order(directory_of: Directory) -> None:
    dataset = directory_of.compile()
    office, tokens = directory_of.office, directory_of.tokens
    with pytest.raises(Refused, match="D01"):
        review_dataset(office, tokens["bureau-1"], "employment", digest="0" * 64)
    with pytest.raises(DatasetUnfit):
        aggregate_dataset(office, tokens["bureau-2"], "employment", digest=dataset.digest)
    with pytest.raises(DatasetUnfit):
        mask_dataset(office, tokens["operator-1"], "employment", digest=dataset.digest, evidence=b"x")


@pytest.mark.parametrize(
    ("grades", "word"),
    [
        ({"identity": GRADES["identity"]}, "employer"),
        ({**GRADES, "other": GRADES["employer"]}, "other"),
        ({**GRADES, "identity": ItemGrade(1, Masking.NONE)}, "identity"),
    ],
)
def test_every_item_is_graded_and_a_personal_one_is_masked(
    directory_of: Directory, grades: dict[str, ItemGrade], word: str
) -> None:
    dataset = directory_of.compile()
    directory_of.go(dataset, "aggregate")
    with pytest.raises(GradingUnfit, match=word):
        grade_dataset(
            directory_of.office,
            directory_of.tokens["bureau-1"],
            "employment",
            digest=dataset.digest,
            category="x",
            grades=grades,
        )


def test_a_changed_description_is_the_next_version_and_supersedes_when_published(directory_of: Directory) -> None:
    directory_of.go(directory_of.compile())
    changed = described(zh="就业登记信息")
    second = directory_of.compile(changed)
    assert (second.version, second.state) == (2, DatasetState.COMPILED)
    with viewing(directory_of.office, directory_of.tokens["hrss-1"]) as view:
        assert [one.version for one in directory(view)] == [1], "until the next one is published, the last one stays"
    with pytest.raises(DatasetUnfit):
        directory_of.compile(replace(changed, zh="又一名称"))
    directory_of.go(second)
    with viewing(directory_of.office, directory_of.tokens["hrss-1"]) as view:
        assert [(one.version, one.state) for one in datasets(view)] == [
            (1, DatasetState.SUPERSEDED),
            (2, DatasetState.PUBLISHED),
        ]
        assert [one.version for one in directory(view)] == [2]


def test_a_dataset_sent_back_waits_in_its_holders_inbox_with_the_reason(directory_of: Directory) -> None:
    dataset = directory_of.compile()
    office, tokens = directory_of.office, directory_of.tokens
    returned, new = return_dataset(office, tokens["bureau-1"], "employment", digest=dataset.digest, reason="缺少数据项")
    assert (returned.state, returned.reason, new) == (DatasetState.RETURNED, "缺少数据项", True)
    with viewing(office, tokens["hrss-1"]) as view:
        assert ["缺少数据项" in task.zh for task in inbox(view) if task.kind == "dataset.compile"] == [True]
    again = directory_of.compile(described(zh="补全后的就业登记"))
    assert again.version == 2


def test_what_is_not_shared_is_listed_and_never_published(directory_of: Directory) -> None:
    dataset = directory_of.compile(described(sharing=Sharing.NONE, basis="保密"))
    directory_of.go(dataset, "mask")
    with pytest.raises(NotShared, match="保密"):
        publish_dataset(directory_of.office, directory_of.tokens["bureau-2"], "employment", digest=dataset.digest)


def test_coverage_counts_what_is_listed_of_what_is_held(directory_of: Directory) -> None:
    office, tokens = directory_of.office, directory_of.tokens
    count_holdings(office, tokens["hrss-1"], 7)
    count_holdings(office, tokens["hrss-1"], 4)
    directory_of.go(directory_of.compile(), "review")
    directory_of.compile(described(id="second"))
    with viewing(office, tokens["hrss-1"]) as view:
        [own] = coverage(view)
    assert (own.agency, own.listed, own.published, own.held, own.per_mille) == ("hrss", 1, 0, 4, 250)
    with viewing(office, tokens["housing-1"]) as view:
        assert coverage(view) == []


def test_a_file_with_mistakes_changes_nothing_and_says_them_all(directory_of: Directory) -> None:
    office, tokens = directory_of.office, directory_of.tokens
    directory_of.compile(described(id="taken", system="portal"))
    wrong = [described(id="taken", system="permits", plan="nothing"), described(id="fine", system="permits")]
    with pytest.raises(InvalidDatasets) as caught:
        compile_datasets(office, tokens["housing-1"], wrong)
    fields = [finding.place.field for finding in caught.value.facts["findings"]]
    assert fields == ["taken.plan", "taken.id"]
    with viewing(office, tokens["housing-1"]) as view:
        assert datasets(view) == []


def test_a_withdrawn_dataset_leaves_the_directory(directory_of: Directory) -> None:
    dataset = directory_of.go(directory_of.compile())
    office, tokens = directory_of.office, directory_of.tokens
    withdrawn, new = withdraw_dataset(office, tokens["hrss-2"], "employment", digest=dataset.digest, reason="合并")
    assert (withdrawn.state, new) == (DatasetState.WITHDRAWN, True)
    with viewing(office, tokens["housing-1"]) as view:
        assert directory(view) == []


def test_the_examples_are_right_and_findings_say_where(tmp_path: Path) -> None:
    descriptions, findings = read_datasets(EXAMPLES / "datasets.yaml")
    assert (descriptions is not None, findings) == (True, ())
    assert read_grading(EXAMPLES / "grading.yaml")[1] == ()
    text = (
        (EXAMPLES / "datasets.yaml").read_text().replace("basis: 《政务信息资源共享管理暂行办法》第十条", "basis: ''")
    )
    wrong = tmp_path / "datasets.yaml"
    wrong.write_text(text.replace("code: name", "code: identity-number"))
    none, findings = read_datasets(wrong)
    assert none is None
    assert [(one.place.row, one.place.field) for one in findings] == [
        (10, "datasets[0].basis"),
        (14, "datasets[0].items[1].code"),
    ]
