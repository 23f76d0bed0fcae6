from __future__ import annotations

from typing import Any

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.context import Context
from infra.provider.kinds.network_acl import NETWORK_ACL
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_subnet import EXAMPLE as SUBNET
from tests.infra.provider.kinds.test_vpc import EXAMPLE as VPC

WEB = {"rule_number": 100, "protocol": "tcp", "action": "allow", "cidr": "10.0.0.0/8", "from_port": 443, "to_port": 443}
PING = {"rule_number": 110, "protocol": "icmp", "action": "deny", "cidr": "0.0.0.0/0", "icmp_type": 8, "icmp_code": -1}
SHELL = {**WEB, "rule_number": 110, "action": "deny", "from_port": 22, "to_port": 22}
ALL = {"rule_number": 100, "protocol": "-1", "action": "allow", "cidr": "0.0.0.0/0"}


def web(made: Made) -> dict[str, Any]:
    return {
        "name": "边界",
        "vpc_id": made["vpc"].id,
        # Of an ICMP rule the sandbox loses type and code: that it is sent and read whole is tested below.
        "ingress": [WEB, SHELL],
        "egress": [ALL],
        "subnet_ids": [made["subnet"].id],
        "tags": {"agency": "a"},
    }


EXAMPLE = Example(
    kind=NETWORK_ACL,
    needs={"vpc": VPC, "subnet": SUBNET},
    create=web,
    update=lambda made: {
        **web(made),
        "ingress": [{**WEB, "from_port": 80}, {**SHELL, "rule_number": 120}],
        "egress": [{**ALL, "rule_number": 200, "cidr": "::/0", "protocol": "47"}],
        "subnet_ids": [],
    },
    replace=None,
)


def reasons(*rules: object) -> list[str]:
    _, failures = check(NETWORK_ACL, {"name": "n", "vpc_id": "vpc-1", "ingress": list(rules)}, "env")
    return [failure.path for failure in failures]


def test_ports_go_with_tcp_and_udp_and_type_and_code_with_icmp() -> None:
    assert reasons(WEB, PING) == []
    assert reasons({**ALL, "protocol": "udp"}) == ["ingress[0]"]
    assert reasons({**WEB, "protocol": "-1"}) == ["ingress[0]"]
    assert reasons({**ALL, "protocol": "icmp"}) == ["ingress[0]"]


def test_a_protocol_has_one_spelling() -> None:
    assert reasons({**WEB, "protocol": "6"}) == ["ingress[0].protocol", "ingress[0]"]


def test_two_rules_of_one_number_are_refused() -> None:
    assert reasons(WEB, {**PING, "rule_number": 100}) == ["ingress"]


def test_the_clouds_own_last_rule_is_no_rule_of_the_program() -> None:
    read = NETWORK_ACL.named_property("ingress").read
    assert read is not None
    last = {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "Egress": False}
    mine = {**last, "RuleNumber": 100, "Protocol": "6", "PortRange": {"From": 22, "To": 22}}
    assert read([last, mine]) == [
        {"rule_number": 100, "protocol": "tcp", "action": "deny", "cidr": "0.0.0.0/0", "from_port": 22, "to_port": 22}
    ]


def test_a_rule_is_sent_as_the_cloud_shows_it(offline: Clients) -> None:
    sent: list[dict[str, Any]] = []

    class Cloud(Clients):
        def call(self, _service: str, _operation: str, parameters: Any) -> dict[str, Any]:
            sent.append(dict(parameters))
            return {}

    cloud = Cloud(endpoint=offline.endpoint, region=offline.region, access_key="a", secret_key="b")
    change = next(one for one in NETWORK_ACL.changes if one.properties == ("ingress",))
    assert change.step is not None
    rules = [PING, {**ALL, "rule_number": 300, "protocol": "47", "cidr": "fd00::/8"}]
    change.step(Context(cloud, NETWORK_ACL, "env"), "acl-1", {}, {"ingress": rules})
    shown = [{name: value for name, value in one.items() if name != "NetworkAclId"} for one in sent]
    assert [one["Protocol"] for one in shown] == ["1", "47"]
    read = NETWORK_ACL.named_property("ingress").read
    assert read is not None
    assert read(shown) == rules
