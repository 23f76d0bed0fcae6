"""What is charged by which plan, and what the estimate has to say it leaves out."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import IPv4Network
from pathlib import Path

from governance.environments import charged_parts, read_environment, uncharged_parts
from tests.governance.environments.plans import PlanInMemory
from tests.governance.environments.test_digest import FIRST

EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"


def test_a_machine_is_charged_with_its_disks_and_a_standby_s_storage_twice() -> None:
    plan = PlanInMemory(IPv4Network("10.72.0.0/16"))
    spec, findings = read_environment(EXAMPLES / "social-insurance.yaml", addresses=plan)
    assert spec is not None, findings
    told = {(one.kind, one.name): (one.plan, dict(one.attributes)) for one in charged_parts(spec)}
    assert told["instance", "app-2"] == ("general-4c8g", {"size_gb": Decimal(100)})
    assert told["database", "main"] == ("database-8c32g-ha", {"db_disk_gb": Decimal(400)})
    assert told["load-balancer", "front"] == ("balancer-standard", {})
    assert told["bucket", "files"] == ("object-standard", {})


def test_what_no_plan_covers_is_said_in_words() -> None:
    spec, findings = read_environment(EXAMPLES / "reporting.yaml")
    assert spec is not None, findings
    found = {one.kind: one for one in uncharged_parts(spec)}
    assert found.keys() == {"secret", "key", "backup", "flow-log", "peer"}
    assert "figures-password" in found["secret"].zh
    assert "figures-password" in found["secret"].en


def test_a_bucket_without_a_plan_is_not_charged_and_said_so() -> None:
    (bucket,) = uncharged_parts(FIRST)
    assert (bucket.kind, bucket.names) == ("bucket", ("files",))
    assert [one.kind for one in charged_parts(FIRST)] == ["instance"]
