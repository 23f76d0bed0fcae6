"""A log is read only if its signature holds, and whole or not at all: every bad line is a finding with its number."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import (
    EvidenceError,
    FileSigner,
    NotCanonical,
    SignatureInvalid,
    UnknownKey,
    WrongKey,
    create_key,
    read_key_ring,
)
from foundation.values.errors import GuanyunError
from governance.sla import MinuteState, deduction_share
from monitoring.errors import LogNotSigned
from monitoring.probes import Manifest, read_probe_log, sign_probe_log, write_probe_log

GOOD = {"at": "2026-02-03T00:00:20+08:00", "ok": True, "ms": 9}


def fields(probe: Any, lines: list[Any]) -> list[tuple[int | None, str]]:
    log, findings = read_probe_log(probe.log(lines), probe.ring)
    assert (log is None) == bool(findings)
    assert all(each.zh and each.en and each.place.file == "log.jsonl.gz" for each in findings)
    return [(each.place.row, each.place.field) for each in findings]


def test_a_good_log_is_its_checks_in_order(probe: Any) -> None:
    later = GOOD | {"at": "2026-02-03T00:01:20+08:00", "ok": False, "ms": None}
    log, findings = read_probe_log(probe.log([later, GOOD, GOOD]), probe.ring)
    assert findings == ()
    assert log is not None
    assert [check.ok for check in log.checks] == [True, False]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"at": GOOD["at"], "ok": True}, ""),
        (GOOD | {"more": 1}, ""),
        (GOOD | {"ok": 1}, ""),
        (GOOD | {"ms": 9.5}, ""),
        (GOOD | {"ms": -1}, "ms"),
        (GOOD | {"ms": True}, "ms"),
        (GOOD | {"at": "yesterday"}, "at"),
        (GOOD | {"at": "2026-02-03T00:00:20"}, "at"),
        (GOOD | {"at": "2026-03-01T00:00:00+08:00"}, "at"),
        (GOOD | {"at": "2026-01-31T15:59:59Z"}, "at"),
        (GOOD | {"at": "0001-01-01T00:00:00+08:00"}, "at"),
        (GOOD | {"ok": False}, "ok"),  # the same instant, another result
        ([], ""),
        ("x" * 5000, ""),
    ],
)
def test_a_bad_line_is_a_finding_with_its_number(probe: Any, line: Any, field: str) -> None:
    assert fields(probe, [GOOD, line, GOOD]) == [(2, field)]


def test_every_bad_line_is_found(probe: Any) -> None:
    assert fields(probe, [{}, GOOD, {}, GOOD | {"at": ""}]) == [(1, ""), (3, ""), (4, "at")]


def test_a_line_that_is_not_json_is_a_finding(probe: Any) -> None:
    path = probe.folder / "log.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(GOOD).encode() + b"\n\n{oops\n" + b"\xff\n", mtime=0))
    resign(probe, path)
    log, findings = read_probe_log(path, probe.ring)
    assert log is None
    assert [each.place.row for each in findings] == [3, 4]


def resign(probe: Any, path: Path) -> None:
    from foundation.evidence import sha256_hex
    from foundation.values.month import Month

    digest = sha256_hex(path.read_bytes())
    sign_probe_log(path, Manifest("hrss", "cloud-host", Month(2026, 2), "probe-1", "replay", digest), probe.signer)


@pytest.mark.parametrize("data", [b"", b"not gzip", gzip.compress(b"{}")[:-6], gzip.compress(b"") + b"more"], ids=len)
def test_what_is_not_whole_gzip_is_a_finding(probe: Any, data: bytes) -> None:
    path = probe.folder / "log.jsonl.gz"
    path.write_bytes(data)
    resign(probe, path)
    log, findings = read_probe_log(path, probe.ring)
    assert log is None
    assert len(findings) == 1


def test_a_log_that_unpacks_to_too_much_is_a_finding(probe: Any) -> None:
    path = probe.folder / "log.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n" * (129 * 2**20), compresslevel=9, mtime=0))
    resign(probe, path)
    log, findings = read_probe_log(path, probe.ring)
    assert log is None
    assert findings[0].en == "it unpacks to too much"


def test_a_log_without_signature_is_refused(probe: Any) -> None:
    path = probe.folder / "log.jsonl.gz"
    write_probe_log(path, [GOOD])
    with pytest.raises(LogNotSigned):
        read_probe_log(path, probe.ring)


def test_a_log_changed_after_it_was_signed_is_found(probe: Any) -> None:
    path = probe.log([GOOD | {"ok": False}])
    write_probe_log(path, [GOOD])
    log, findings = read_probe_log(path, probe.ring)
    assert log is None
    assert [each.place.field for each in findings] == ["sha256"]


def test_a_manifest_changed_after_it_was_signed_is_refused(probe: Any) -> None:
    path = probe.log([GOOD])
    beside = path.with_name(path.name + ".sig.json")
    beside.write_text(beside.read_text(encoding="utf-8").replace('"hrss"', '"housing"'), encoding="utf-8")
    with pytest.raises(SignatureInvalid):
        read_probe_log(path, probe.ring)


def test_only_the_bureaus_probe_signs(probe: Any, tmp_path: Path) -> None:
    private = tmp_path / "private" / "operator.evidence.pem"
    create_key(private, tmp_path / "public" / "operator.evidence.pub.pem")
    path = probe.log([GOOD])
    manifest = Manifest("hrss", "cloud-host", read_month(), "probe-1", "replay", "0" * 64)
    sign_probe_log(path, manifest, FileSigner(private))
    with pytest.raises(UnknownKey):
        read_probe_log(path, probe.ring)
    with pytest.raises(WrongKey):
        read_probe_log(path, read_key_ring(tmp_path / "public"))


def read_month() -> Any:
    from foundation.values.month import Month

    return Month(2026, 2)


@pytest.mark.parametrize("said", [{"agency": "../x"}, {"service": ""}, {"source": "a b"}, {"month": "2026-13"}])
def test_a_manifest_of_another_shape_is_refused(probe: Any, said: dict[str, Any]) -> None:
    with pytest.raises(NotCanonical):
        read_probe_log(probe.log([GOOD], **said), probe.ring)


@given(st.binary(max_size=300))
def test_any_bytes_for_a_signature_end_in_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("log")
    (folder / "a.gz").write_bytes(b"")
    (folder / "a.gz.sig.json").write_bytes(data)
    with pytest.raises(GuanyunError) as caught:
        read_probe_log(folder / "a.gz", read_key_ring(folder))
    assert isinstance(caught.value, EvidenceError)


# The example


def test_the_example_earns_exactly_one_deduction(example_log: Path, desk: Any) -> None:
    from governance.contracts import contract_of
    from governance.sla import count_minutes
    from monitoring.sli.importing import days_of

    log, findings = read_probe_log(example_log, read_key_ring(example_log.parent))
    assert findings == ()
    assert log is not None
    counts = count_minutes("".join(day.states for day in days_of(log)))
    assert (counts.total, counts.down, counts.unknown) == (31 * 1440, 62, 60)
    with desk.store.reading() as transaction:
        scheme = contract_of(transaction, "C-2026-01").scheme
    judged = deduction_share(counts, scheme.tiers, scheme.grace)
    assert judged.share == Decimal("0.10")
    assert judged.grace < counts.unknown  # the grace does not cover all that is missing


def test_the_generator_makes_the_checks_that_are_committed(example_log: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_log", example_log.parent / "make_log.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in module.checks())
    assert gzip.decompress(example_log.read_bytes()).decode() == made


def test_no_private_key_stands_beside_the_example(example_log: Path) -> None:
    texts = [path.read_bytes() for path in example_log.parent.iterdir() if path.is_file()]
    assert not any(b"PRIVATE" + b" KEY" in text for text in texts)


def test_states_of_a_month(probe: Any, february_checks: Callable[..., Any]) -> None:
    from monitoring.sli.importing import days_of

    log, _ = read_probe_log(probe.log(february_checks(every=1, down=range(1440, 1443), missing=range(5))), probe.ring)
    assert log is not None
    days = days_of(log)
    assert len(days) == 28
    assert days[0].states[:6] == MinuteState.UNKNOWN * 5 + MinuteState.UP
    assert days[1].states[:4] == "dddu"
