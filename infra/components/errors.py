"""What a component refuses to write down.

ComponentError
├── NoHub
├── NoPasswords
├── RegionNotApplied
└── PolicyTooLong
"""

from __future__ import annotations

from infra.errors import InfraError


class ComponentError(InfraError):
    """Base of the refusals of ``infra.components``."""

    code = "infra.component-error"


class NoHub(ComponentError):
    """Peers are reached through the hub, and there is none: ``environment``, ``peers``."""

    code = "infra.no-hub"
    exit_status = 2
    zh = "环境 {environment} 要与 {peers} 互通,但此处没有枢纽网络:先部署着陆区"
    en = "environment {environment} wants to reach {peers}, but there is no hub: deploy the landing zone first"


class NoPasswords(ComponentError):
    """A database needs a first password, and nothing here gives one: ``environment``, ``database``."""

    code = "infra.no-passwords"
    zh = "环境 {environment} 的数据库 {database} 需要初始口令,但此处没有口令来源"
    en = "database {database} of environment {environment} needs a first password, and nothing here gives one"


class RegionNotApplied(ComponentError):
    """A region that is only registered or read is never built in: ``region``, ``managed``, ``what``."""

    code = "infra.region-not-applied"
    exit_status = 3
    zh = "区域 {region} 的纳管方式为 {managed},不得在其中部署 {what};须先由其所属一级同意改为 applied"
    en = "region {region} is managed as {managed}: nothing is built there ({what}) until its own level makes it applied"


class PolicyTooLong(ComponentError):
    """A guardrail policy does not fit the cloud's limit: ``policy``, ``size``, ``limit``."""

    code = "infra.policy-too-long"
    exit_status = 2
    zh = "护栏策略 {policy} 有 {size} 个字符,超过上限 {limit}"
    en = "guardrail policy {policy} has {size} characters, over the limit of {limit}"
