"""What is alike is shown to the bureau alone, with its reason; a person concludes; without that nothing is approved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.store import Scope, UnscopedQuery
from governance.authority import viewing
from governance.errors import NotFound, Refused
from tenants.errors import NeedUnconcluded
from tenants.needs import Conclusion, NeedState, conclude, restate_need, withdraw_need
from tenants.needs.likeness import alike_needs, bigrams, common_permille, held_permille
from tenants.needs.likeness_tables import likeness_table
from tenants.needs.terms import shipped_terms
from tests.tenants.needs.conftest import ALIKE, PERMITS, QUESTIONS, City

PAIRS = (
    # Two descriptions of one wish, then two of different wishes in the same trade's words.
    ("企业办事电子证照共享调用", "电子证照在企业办事中的共享与调用平台", True),
    ("视频会议系统,支持市县乡三级会商", "全市三级视频会商会议系统建设", True),
    ("统一身份认证与单点登录", "为各业务系统提供统一身份认证、单点登录能力", True),
    ("政务数据共享交换平台扩容", "数据共享交换平台能力扩充,支撑政务部门数据交换", True),
    ("舆情监测与分析", "互联网舆情的监测、研判、分析", True),
    ("城市内涝监测预警系统建设", "中小学学籍管理系统建设", False),
    ("医保基金监管平台", "林长制巡护管理平台", False),
    ("渔船动态监控管理系统", "公积金贷款线上申请系统", False),
    ("政府网站集约化平台", "危险化学品运输车辆监管平台", False),
    ("不动产登记档案数字化", "食品安全抽检信息管理", False),
)


@pytest.mark.parametrize(("one", "other", "alike"), PAIRS)
def test_the_measure_tells_one_wish_in_two_words_from_two_wishes(one: str, other: str, alike: bool) -> None:
    permille = common_permille(bigrams(one), bigrams(other))
    assert (permille >= shipped_terms().likely_permille) is alike, permille


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_measure_is_symmetric_bounded_and_whole_for_the_same_text(one: str, other: str) -> None:
    mine, theirs = bigrams(one), bigrams(other)
    assert common_permille(mine, theirs) == common_permille(theirs, mine)
    assert 0 <= common_permille(mine, theirs) <= 1000
    assert 0 <= held_permille(mine, theirs) <= 1000
    if mine:
        assert common_permille(mine, mine) == held_permille(mine, mine | theirs) == 1000


def test_width_case_and_stops_do_not_count() -> None:
    assert bigrams("ABC电子,证照") == bigrams("abc电子。证照") == {"ab", "bc", "c电", "电子", "证照"}


def test_two_needs_are_as_alike_in_either_order() -> None:
    terms = shipped_terms()
    assert alike_needs(QUESTIONS, ALIKE, terms) == alike_needs(ALIKE, QUESTIONS, terms)
    assert alike_needs(QUESTIONS, PERMITS, terms) is None


def test_the_bureau_sees_a_pair_with_its_reason_and_a_suggestion(city: City) -> None:
    mine, theirs = city.state(), city.state(ALIKE, "housing-1")
    (pair,) = city.pairs(mine)
    assert (pair.need, pair.other, pair.kind) == (theirs.number, mine.number, "need")
    assert [reason.code for reason in pair.alike.reasons] == ["text", "users", "capability"]
    assert "参保人" in pair.alike.reasons[1].zh
    assert pair.alike.suggestion in {Conclusion.REUSE, Conclusion.EXTEND}
    assert city.waits("bureau-1") == ["need.conclude"]


def test_nobody_but_the_bureau_learns_of_a_pair(city: City) -> None:
    mine, theirs = city.state(), city.state(ALIKE, "housing-1")
    for account in ("hrss-1", "housing-1", "operator-1", "finance-1"):
        assert city.pairs(mine, theirs, account=account) == []
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert view.transaction.rows(likeness_table.select(view.scope)) == []
        with pytest.raises(UnscopedQuery):
            view.transaction.rows(likeness_table.table.select())
    with city.office.store.reading() as transaction:
        transaction.bind(Scope(frozenset({"hrss"})))
        assert transaction.rows(likeness_table.select(Scope(frozenset({"hrss", "housing"})))) == []
    assert all("住房" not in task.zh for task in city.inbox("hrss-1"))


def test_a_capability_that_is_on_offer_is_shown(city: City) -> None:
    need = city.state(replace(PERMITS, capabilities=("电子证照签发",)), "housing-1")
    (found,) = city.pairs(need)
    assert (found.kind, found.other, found.alike.suggestion) == ("service", "e-licence", Conclusion.REUSE)


def test_without_a_conclusion_neither_of_the_two_is_approved(city: City) -> None:
    mine, theirs = city.state(), city.state(ALIKE, "housing-1")
    city.agree(mine)
    city.agree(theirs)
    for need in (mine, theirs):
        with pytest.raises(NeedUnconcluded):
            city.approve(city.now_of(need))
    (pair,) = city.pairs(mine)
    concluded, new = conclude(city.office, city.people["bureau-2"], pair.number, Conclusion.NEW, reason="对象不同")
    assert (concluded.conclusion, concluded.reason, new) == (Conclusion.NEW, "对象不同", True)
    assert "need.conclude" not in city.waits("bureau-1")
    again = conclude(city.office, city.people["bureau-1"], pair.number, Conclusion.NEW, reason="对象不同")
    assert again == (concluded, False)
    for need in (mine, theirs):
        assert city.approve(city.now_of(need)).state is NeedState.APPROVED


def test_another_conclusion_later_stands_and_both_are_kept(city: City) -> None:
    mine = city.state()
    city.state(ALIKE, "housing-1")
    (pair,) = city.pairs(mine)
    for conclusion in (Conclusion.NEW, Conclusion.EXTEND):
        conclude(city.office, city.people["bureau-1"], pair.number, conclusion, reason="理由")
    assert city.pairs(mine)[0].conclusion is Conclusion.EXTEND
    assert city.entries().count("need.concluded") == 2


def test_an_agency_cannot_conclude(city: City, log_in_also: Callable[[str, str], str]) -> None:
    mine = city.state()
    city.state(ALIKE, "housing-1")
    (pair,) = city.pairs(mine)
    for token in (city.people["hrss-1"], city.people["operator-1"], log_in_also("housing-1", "bureau")):
        with pytest.raises(Refused):
            conclude(city.office, token, pair.number, Conclusion.NEW, reason="x")
    with pytest.raises(NotFound):
        conclude(city.office, city.people["bureau-1"], 99, Conclusion.NEW, reason="x")


def test_what_is_withdrawn_or_stated_anew_needs_no_conclusion(city: City) -> None:
    mine, theirs = city.state(), city.state(ALIKE, "housing-1")
    withdraw_need(city.office, city.people["hrss-1"], mine.number, reason="不做了", quota=city.quota)
    assert city.pairs(theirs) == []
    assert city.waits("bureau-1") == []
    assert city.approve(theirs).state is NeedState.APPROVED
    fresh = city.state(replace(QUESTIONS, peak=7))
    assert len(city.pairs(fresh)) == 1
    other = replace(PERMITS, agency="hrss", system="", data=QUESTIONS.data)
    restated, _ = restate_need(city.office, city.people["hrss-1"], fresh.number, other)
    assert city.pairs(restated) == []
