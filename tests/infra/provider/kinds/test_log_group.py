from __future__ import annotations

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.context import Context
from infra.provider.kinds.log_group import LOG_GROUP
from infra.provider.naming import role_path
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_key import EXAMPLE as KEY

EXAMPLE = Example(
    kind=LOG_GROUP,
    needs={"key": KEY},
    create=lambda made: {
        "name": f"{role_path(made.environment)}flow",
        "retention_days": 180,
        "kms_key_id": made["key"].properties["arn"],
        "tags": {"agency": "教育局"},
    },
    update=lambda made: {
        "name": f"{role_path(made.environment)}flow",
        "kms_key_id": made["key"].properties["arn"],
        "tags": {"agency": "卫健委", "system": "s"},
    },
    replace=lambda made: {"name": f"{role_path(made.environment)}flow-2", "retention_days": 30},
)


def test_days_that_the_cloud_does_not_know_are_refused() -> None:
    _, failures = check(LOG_GROUP, {"name": "/guanyun/env/a", "retention_days": 100}, "env")
    assert [failure.path for failure in failures] == ["retention_days"]


def test_a_name_outside_the_environments_path_is_refused() -> None:
    _, failures = check(LOG_GROUP, {"name": "/guanyun/other/a"}, "env")
    assert [failure.path for failure in failures] == ["name"]


@pytest.mark.real
def test_a_group_whose_name_goes_on_is_another(clients: Clients) -> None:
    clients.call("logs", "CreateLogGroup", {"logGroupName": "/guanyun/env_prefix/app-two"})
    context = Context(clients, LOG_GROUP, "env_prefix")
    assert context.describe("/guanyun/env_prefix/app") is None
    assert context.describe("/guanyun/env_prefix/app-two") is not None
