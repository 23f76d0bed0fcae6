"""Relational databases in the data subnets, each with its own group, and its first password in a secret."""

from __future__ import annotations

from typing import Any

import pulumi

from governance.environments import DatabaseSpec, EnvironmentSpec, Purpose
from infra.components import names
from infra.components.errors import NoPasswords
from infra.components.second.flows import flows
from infra.components.second.network import Network
from infra.components.site import Site
from infra.provider.kinds.database import DATABASE
from infra.provider.kinds.database_subnet_group import DATABASE_SUBNET_GROUP
from infra.provider.kinds.secret import SECRET
from infra.provider.kinds.security_group import SECURITY_GROUP

_ADMINISTRATOR = "guanyun"
_MOST_BACKUP_DAYS = 35
"""The database service keeps its own backups so long; longer ones are the backup plan's."""


def build_databases(site: Site[EnvironmentSpec], network: Network, key: Any) -> None:
    """Each database. Raises ``NoPasswords`` where the installation gives none."""
    for one in site.spec.databases:
        _database(site, network, key, one)


def _database(site: Site[EnvironmentSpec], network: Network, key: Any, one: DatabaseSpec) -> None:
    spec = site.spec
    if site.passwords is None:
        raise NoPasswords(environment=spec.environment, database=one.name)
    password = pulumi.Output.secret(site.passwords(spec.environment, one.name))
    group = site.make(
        SECURITY_GROUP,
        names.database(one.name),
        description=f"Database {one.name} of environment {spec.environment}",
        vpc_id=network.vpc.id,
        ingress=[
            {"protocol": "tcp", "from_port": one.engine.port, "to_port": one.engine.port, "cidr": flow.source}
            for flow in flows(spec)
            if flow.target is Purpose.DATA and flow.port == one.engine.port and flow.protocol == "tcp"
        ],
        egress=[{"protocol": "-1", "cidr": spec.cidr}],
    )
    subnets = site.make(
        DATABASE_SUBNET_GROUP,
        one.name,
        name=names.database_name(spec.environment, one.name),
        description=f"Database {one.name} of environment {spec.environment}",
        subnet_ids=network.ids(site, Purpose.DATA),
    )
    site.make(
        SECRET,
        names.database(one.name),
        description=f"First password of database {one.name}",
        value=password,
        kms_key_id=key,
    )
    site.make(
        DATABASE,
        one.name,
        name=names.database_name(spec.environment, one.name),
        engine="postgres" if one.engine.value == "postgresql" else one.engine.value,
        engine_version=one.version,
        instance_class=one.instance_class,
        size_gb=one.storage_gb,
        storage_encrypted=True,
        kms_key_id=key,
        multi_zone=one.multi_zone,
        backup_days=min(spec.backup.retention_days, _MOST_BACKUP_DAYS) if spec.backup else None,
        publicly_accessible=False,
        port=one.engine.port,
        database_subnet_group_id=subnets.id,
        security_group_ids=[group.id],
        master_username=_ADMINISTRATOR,
        master_password=password,
        # Deleting it is for the agency and the bureau to approve; what the cloud's own lock would add is a second
        # plan to lift it. The final snapshot stays.
        deletion_protection=False,
        final_snapshot=True,
    )
