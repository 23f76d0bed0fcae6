"""A business system may be shared: the lead keeps a share, the others see it, every change is a version."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from foundation.store import AlreadyThere, UnscopedQuery
from governance.authority import viewing
from governance.errors import NotFound
from governance.projects import BusinessSystem, SystemUser, record_system, system_of, system_versions, systems
from governance.projects.errors import InvalidProject
from governance.projects.tables import project_table, system_version_table, version_table
from tests.governance.projects.conftest import Walk

SHARED = BusinessSystem(
    *("one-network", "一网通办", "One network", "hrss", "P-NEW-1", "专项资金"),
    users=(SystemUser("housing", Decimal("0.25")),),
)


def test_a_shared_system_is_seen_by_its_agencies_and_changed_by_versions(walk: Walk) -> None:
    walk.to_approved()
    token = walk.people["bureau-1"]
    assert record_system(walk.office, token, SHARED)
    assert not record_system(walk.office, token, SHARED)
    with viewing(walk.office, walk.people["housing-1"]) as view:
        assert system_of(view.transaction, view.scope, "one-network") == SHARED
        assert systems(view.transaction, view.scope) == [SHARED]
    assert record_system(walk.office, token, replace(SHARED, users=()))
    with viewing(walk.office, walk.people["housing-1"]) as view:
        assert systems(view.transaction, view.scope) == []
        with pytest.raises(NotFound):
            system_of(view.transaction, view.scope, "one-network")
    with viewing(walk.office, walk.people["hrss-1"]) as view:
        versions = system_versions(view.transaction, view.scope, "one-network")
    assert [len(each.users) for each in versions] == [1, 0]
    with pytest.raises(AlreadyThere):
        record_system(walk.office, token, replace(SHARED, agency="housing", users=()))


def test_what_does_not_fit_the_project_is_all_found(walk: Walk) -> None:
    walk.to_approved()
    wrong = replace(
        SHARED, fund_source="别的", users=(SystemUser("hrss", Decimal("0.5")), SystemUser("bureau", Decimal("0.5")))
    )
    with pytest.raises(InvalidProject) as caught:
        record_system(walk.office, walk.people["bureau-1"], wrong)
    fields = [finding.place.field for finding in caught.value.facts["findings"]]  # type: ignore[attr-defined]
    assert fields == ["users[1]", "fund_source", "users", "users"]


def test_no_table_of_projects_is_read_without_a_scope(walk: Walk) -> None:
    for table in (project_table, version_table, system_version_table):
        with walk.office.store.reading() as transaction, pytest.raises(UnscopedQuery):
            transaction.rows(table.table.select())
