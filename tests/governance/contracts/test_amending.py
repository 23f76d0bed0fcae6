"""A supplementary agreement is drafted by one, signed by another, and takes nothing away that is promised or used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.authority import Office
from governance.contracts import (
    Amendment,
    Contract,
    contract_of,
    draft_amendment,
    line_use,
    obligate,
    read_amendment,
    sign_amendment,
    versions_of,
)
from governance.contracts.errors import AmendmentUnfit, CeilingReached, LineUsedUp, NoAmendment
from governance.errors import Refused
from tests.governance.contracts.conftest import LINES

AT = datetime(2026, 3, 5, tzinfo=UTC)
ENDS = datetime(2029, 12, 31, 16, tzinfo=UTC)
MORE = Amendment("C-2026-01", "补1号", ENDS, 2_000, (replace(LINES[0], amount=1_500), LINES[1]), "扩容")


def test_what_another_person_signs_is_a_new_version(office: Office, people: dict[str, str], contract: Contract) -> None:
    version, digest = draft_amendment(office, people["bureau-1"], MORE)
    assert version == 2
    assert draft_amendment(office, people["bureau-1"], MORE) == (2, digest)
    with office.store.reading() as transaction:
        assert contract_of(transaction, "C-2026-01").ceiling == 1_000
    for other in ("bureau-1", "operator-1", "finance-1"):
        with pytest.raises(Refused):
            sign_amendment(office, people[other], "C-2026-01", digest=digest)
    with pytest.raises(Refused):
        sign_amendment(office, people["bureau-2"], "C-2026-01", digest="0" * 64)
    after = sign_amendment(office, people["bureau-2"], "C-2026-01", digest=digest)
    assert (after.version, after.ceiling, after.lines[0].amount, after.document_number) == (2, 2_000, 1_500, "补1号")
    assert sign_amendment(office, people["bureau-2"], "C-2026-01", digest=digest) == after
    with office.store.transaction() as transaction:
        obligate(transaction, LINES[0].id, "request:R-1", 1_400, AT)
        assert line_use(transaction, LINES[0].id).remaining == 100
        assert [each.ceiling for each in versions_of(transaction, "C-2026-01")] == [1_000, 2_000]
        before = datetime(2026, 2, 1, tzinfo=UTC)
        assert contract_of(transaction, "C-2026-01", at=before).ceiling == 1_000
    with pytest.raises(NoAmendment):
        sign_amendment(office, people["bureau-2"], "C-2026-01", digest="1" * 64)


def test_what_is_promised_stays_promised(office: Office, people: dict[str, str], contract: Contract) -> None:
    with office.store.transaction() as transaction:
        obligate(transaction, LINES[0].id, "request:R-1", 500, AT)
    with pytest.raises(AmendmentUnfit):
        draft_amendment(office, people["bureau-1"], replace(MORE, ceiling=499))
    _, digest = draft_amendment(
        office, people["bureau-1"], replace(MORE, lines=(replace(LINES[0], amount=499), LINES[1]))
    )
    with pytest.raises(LineUsedUp):
        sign_amendment(office, people["bureau-2"], "C-2026-01", digest=digest)
    # A line that is no more keeps what it holds, and takes nothing on.
    _, digest = draft_amendment(office, people["bureau-1"], replace(MORE, lines=(LINES[1],), ceiling=900))
    assert sign_amendment(office, people["bureau-2"], "C-2026-01", digest=digest).lines == (LINES[1],)
    with office.store.transaction() as transaction, pytest.raises(CeilingReached):
        obligate(transaction, LINES[1].id, "request:R-2", 401, AT)


def test_a_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "amendment.yaml"
    path.write_text(
        """
amendment:
  contract: C-2026-01
  document_number: 补1号
  end_day: 2030-01-01
  ceiling_yuan: "20.00"
  lines:
    - {number: 1, zh: 基础设施, en: Infrastructure, kind: resource, amount_yuan: "15.00"}
    - {number: 2, zh: 运维, en: Maintenance, services: [host-care], amount_yuan: "7.00"}
  reason: 扩容
""",
        encoding="utf-8",
    )
    assert read_amendment(path) == (MORE, ())
    path.write_text(path.read_text(encoding="utf-8").replace("number: 2", "number: 1"), encoding="utf-8")
    read, findings = read_amendment(path)
    assert read is None
    assert [finding.place.field for finding in findings] == ["amendment.lines[1].number"]
