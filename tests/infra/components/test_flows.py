"""Who may talk to whom: what a spec allows is let through, in groups and ACLs alike, and nothing else between tiers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance.environments import EnvironmentSpec, Purpose, TierRule
from infra.components.second.flows import acl_rules, flows, group_ingress, networks
from tests.infra.components.specs import level_2, level_3

SPEC = level_3()
rules = st.lists(
    st.builds(
        TierRule,
        source=st.sampled_from([*(purpose.value for purpose in Purpose), "10.9.0.0/16"]),
        target=st.sampled_from(list(Purpose)),
        port=st.sampled_from([80, 443, 5432]),
        protocol=st.sampled_from(["tcp", "udp"]),
    ),
    max_size=6,
)


def lets(listed: list[dict[str, Any]], cidr: str, protocol: str, port: int) -> bool:
    network = IPv4Network(cidr)
    return any(
        network.subnet_of(IPv4Network(rule["cidr"]))
        and rule["protocol"] in {"-1", protocol}
        and (rule["protocol"] == "-1" or rule["from_port"] <= port <= rule["to_port"])
        for rule in listed
    )


def with_rules(allow: list[TierRule]) -> EnvironmentSpec:
    return replace(SPEC, allow=tuple(allow), load_balancers=())


@given(rules, st.sampled_from(list(Purpose)), st.sampled_from(list(Purpose)), st.sampled_from([80, 443, 5432, 22]))
def test_one_tier_reaches_another_exactly_where_a_rule_says_so(
    allow: list[TierRule], source: Purpose, target: Purpose, port: int
) -> None:
    spec = with_rules(allow)
    here, there = networks(spec, source)[0], networks(spec, target)[-1]
    named = any(
        rule.target is target and rule.source == source and rule.port == port and rule.protocol == "tcp"
        for rule in allow
    )
    allowed = named or source is target
    assert lets(group_ingress(spec, target), here, "tcp", port) == allowed
    if port < 1024:  # above, a network ACL lets answers through and so cannot tell
        incoming, _ = acl_rules(spec, target, ())
        _, outgoing = acl_rules(spec, source, ())
        assert (lets(incoming, here, "tcp", port) and lets(outgoing, there, "tcp", port)) == allowed
    if named:
        # The answer comes back: from the target's port to one that the caller chose.
        assert lets(acl_rules(spec, target, ())[1], here, "tcp", 40_000)
        assert lets(acl_rules(spec, source, ())[0], there, "tcp", 40_000)


@given(rules)
def test_a_network_acl_numbers_each_rule_once_and_always_alike(allow: list[TierRule]) -> None:
    for purpose in Purpose:
        incoming, outgoing = acl_rules(with_rules(allow), purpose, ("10.60.0.0/20",))
        for listed in (incoming, outgoing):
            assert len({rule["rule_number"] for rule in listed}) == len(listed)
        again = with_rules([*allow])
        assert (incoming, outgoing) == acl_rules(again, purpose, ("10.60.0.0/20",))


def test_clients_reach_the_balancer_and_it_its_machines() -> None:
    found = {(flow.source, flow.target, flow.port, flow.to_balancer) for flow in flows(SPEC)}
    assert ("10.0.0.0/8", Purpose.WEB, 443, True) in found
    assert ("10.0.0.0/8", Purpose.WEB, 8443, False) in found
    assert not any(rule.get("from_port") == 443 for rule in group_ingress(SPEC, Purpose.WEB))


def test_shared_services_and_peers_are_reached_and_may_answer() -> None:
    incoming, outgoing = acl_rules(SPEC, Purpose.APP, ("10.60.0.0/20",))
    assert lets(outgoing, "10.60.1.0/26", "udp", 53)
    assert lets(incoming, "10.60.1.0/26", "udp", 40_000)
    assert not lets(incoming, "10.60.1.0/26", "tcp", 443)


def test_level_2_without_rules_keeps_its_tiers_apart() -> None:
    spec = level_2(allow=[])
    assert not lets(group_ingress(spec, Purpose.DATA), networks(spec, Purpose.APP)[0], "tcp", 3306)
