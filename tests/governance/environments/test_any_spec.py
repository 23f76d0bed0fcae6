"""Whatever is written in short form is either refused with findings, or becomes a spec that reads back as itself."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import canonical_bytes
from governance.environments import Protection, Purpose, Zone, spec_document, spec_from_document
from tests.governance.environments.plans import PlanInMemory

purposes = st.sampled_from([purpose.value for purpose in Purpose])
names = st.sampled_from(["web", "app", "db", "main", "X", "files"])
sizes = st.sampled_from(["small", "medium", "large-standby", "standard", "none", ""])
machines = st.fixed_dictionaries(
    {"name": names, "size": sizes, "tier": purposes},
    optional={"count": st.integers(0, 4), "spread": st.booleans(), "image": st.just("ami-1")},
)
subnets = st.fixed_dictionaries({"purpose": purposes, "prefix": st.integers(24, 29)})
written = st.fixed_dictionaries(
    {
        "environment": st.just("env-1"),
        "agency": st.just("hrss"),
        "system": st.just("portal"),
        "project": st.just("P-1"),
        "fund_source": st.just("一般公共预算"),
        "zone": st.sampled_from([zone.value for zone in Zone]),
        "protection": st.sampled_from([protection.value for protection in Protection]),
        "cidr": st.sampled_from(["from-address-plan", "10.64.0.0/22", "10.64.0.0/26", "nonsense"]),
        "subnets": st.lists(subnets, min_size=1, max_size=3),
    },
    optional={
        "baseline": st.sampled_from([1, 2, 2, 2]),
        "zones": st.integers(1, 3),
        "image": st.just("ami-2"),
        "instances": st.lists(machines, max_size=3),
        "allow": st.lists(
            st.fixed_dictionaries({"source": purposes, "target": purposes, "port": st.sampled_from([0, 80])}),
            max_size=2,
        ),
        "databases": st.lists(
            st.fixed_dictionaries(
                {"name": names, "size": sizes, "engine": st.just("mysql"), "storage_gb": st.integers(10, 30)}
            ),
            max_size=2,
        ),
        "secrets": st.lists(names, max_size=2),
        "peers": st.just([{"environment": "other", "approval": "A-1"}]),
    },
)


@given(written)
def test_short_form_becomes_a_spec_that_reads_back_or_findings_in_both_languages(document: dict[str, Any]) -> None:
    plan = PlanInMemory(IPv4Network("10.72.0.0/16"))
    spec, findings = spec_from_document(document, file="env.yaml", addresses=plan)
    if spec is None:
        assert findings
        assert all(one.zh and one.en and one.expected and one.place.field for one in findings)
        return
    assert findings == ()
    exact = spec_document(spec)
    assert spec_from_document(exact) == (spec, ())
    assert canonical_bytes(spec_document(spec)) == canonical_bytes(exact)
    assert spec_from_document(document, addresses=plan) == (spec, ())
    assert spec_from_document(document, addresses=plan, standing=spec) == (spec, ())
