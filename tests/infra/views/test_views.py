"""Table, JSON and page say the same of one plan; the page needs nothing else and escapes what it shows."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from foundation.evidence import canonical_text
from infra.components import Ground, ground_from_document
from infra.deployments.model import Coverage
from infra.engine.model import Operation
from infra.guardrails import Judgement
from infra.views import Approver, PlanView, cost_difference, plan_document, plan_lines, plan_page, plan_view
from infra.views.words import SIGNS
from tests.infra.views.conftest import AFTER, BEFORE, HMAC, LONG, recorded


class Text(HTMLParser):
    """The page's tags and its text; every tag that opens must close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def lines(view: PlanView, *languages: str) -> str:
    return "\n".join(line.text(languages or ("zh", "en")) for line in plan_lines(view))


def test_cost_is_told_item_by_item_and_adds_up() -> None:
    cost = cost_difference(BEFORE, AFTER)
    assert (cost.before, cost.after, cost.difference) == (15_500, 79_000, 63_500)
    assert sum(one.difference for one in cost.items) == cost.difference
    assert cost.unpriced == (("数据库 main 没有价格", "database main has no price"),)
    assert cost_difference([], []).difference == 0


def test_the_terminal_shows_old_and_new_and_what_forces_a_replacement(view: PlanView) -> None:
    told = lines(view)
    assert "± replace Instance" in told
    assert "image_id: ami-0 → ami-1  ← 须替换 forces replacement" in told
    assert "size_gb: 50 → 100" in told
    assert "5 个不变 · 5 unchanged" in told
    assert "每月 155.00 → 790.00 元(+635.00)" in told
    assert "✖ GR-S3-001 block Bucket/site block_public_access: false" in told
    assert view.digest[:16] in told
    assert LONG not in told
    assert all(len(line) < 220 for line in told.splitlines())


def test_one_language_may_be_asked_for(view: PlanView) -> None:
    assert "unchanged" not in lines(view, "zh")
    assert "个不变" not in lines(view, "en")


def test_json_has_a_stable_schema_and_whole_values(view: PlanView) -> None:
    document = plan_document(view)
    assert document["schema"] == "guanyun.plan-view/1"
    assert list(document) == [
        *("schema", "environment", "agency", "system", "project", "fund_source", "request", "digest", "spec_digest"),
        *("planned_at", "risk", "terminate", "counts", "changes", "cost", "guardrails", "approval", "warnings"),
    ]
    assert document["counts"] == {"create": 6, "adopt": 0, "update": 2, "replace": 1, "delete": 1, "unchanged": 5}
    assert document["approval"]["who"] == "forbidden"
    text = canonical_text(document)
    assert LONG in text
    assert HMAC not in text
    (finding, *_) = document["guardrails"]["findings"]
    assert {"rule", "severity", "blocks", "property", "remedy_zh", "remedy_en", "exemption"} <= finding.keys()
    assert canonical_text(plan_document(view)) == text


def test_the_page_is_whole_bilingual_and_needs_nothing_else(view: PlanView) -> None:
    page = plan_page(view)
    read = Text(page)
    assert page == plan_page(view)
    assert not {"script", "link", "iframe", "img"} & {tag for tag, _ in read.tags}
    assert not re.search(r"(?:src|href)=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    assert LONG in read.text
    assert HMAC not in page
    assert "<script>" not in page
    assert "«secret»" in read.text
    for words in ("部署计划", "deployment plan", "须替换,因为改变了", "replaced because of", "GR-NET-003", view.digest):
        assert words in read.text


def test_the_page_says_by_sign_and_word_what_it_says_by_colour(view: PlanView) -> None:
    read = Text(plan_page(view)).text
    for operation in Operation:
        sign, zh, en = SIGNS[operation]
        many = view.unchanged if operation is Operation.SAME else len(view.of(operation))
        assert f"{sign} {many} {zh} {en}" in read
    assert "✖ 不得批准或执行" in read
    covered = replace(view, approver=Approver.NOBODY_MORE, reasons=(), approved=True)
    assert "✔ 在申请的批准范围之内" in Text(plan_page(covered)).text
    assert "已由另一人批准" in Text(plan_page(covered)).text


def test_every_finding_has_its_remedy_on_the_page(view: PlanView) -> None:
    read = Text(plan_page(view)).text
    assert view.judgement.findings
    for finding in view.judgement.findings:
        assert finding.rule in read
        assert finding.remedy_zh in read
        assert finding.remedy_en in read


def test_a_hub_that_the_account_does_not_see_is_said_in_the_table_the_page_and_the_json(
    view: PlanView, judgement: Judgement
) -> None:
    assert "中转网关" not in lines(view, "zh")
    assert plan_document(view)["warnings"] == []
    unseen = Ground(account="210987654321", unseen_hub="tgw-hub")
    told = plan_view(replace(recorded(), ground=unseen), Coverage(), judgement, view.cost)
    for text in (lines(told, "zh"), lines(told, "en"), Text(plan_page(told)).text):
        assert "210987654321" in text
        assert "tgw-hub" in text
    assert "不接入枢纽" in lines(told, "zh")
    assert "without the hub" in lines(told, "en")
    page = Text(plan_page(told)).text
    assert "不接入枢纽" in page
    assert "without the hub" in page
    (warning,) = plan_document(told)["warnings"]
    assert set(warning) == {"code", "zh", "en"}
    assert warning["code"] == "hub-unseen"
    assert told.approver is Approver.NOBODY_MORE
    ending = replace(recorded(), ground=unseen, terminate=True)
    assert plan_view(ending, Coverage(), judgement, view.cost).warnings == ()


def test_a_ground_reads_as_it_was_written_also_one_from_before_there_were_warnings() -> None:
    for ground in (Ground(account="1"), Ground(account="1", unseen_hub="tgw-hub")):
        assert ground_from_document(ground.document()) == ground
    assert "unseen_hub" not in Ground(account="1").document()
