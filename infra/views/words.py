"""What people call the kinds and operations, and the sign of each operation: never a colour alone."""

from __future__ import annotations

import re

from infra.engine.model import Operation

SIGNS = {
    Operation.CREATE: ("+", "新建", "create"),
    Operation.ADOPT: ("↳", "纳入", "adopt"),
    Operation.UPDATE: ("Δ", "修改", "change"),
    Operation.REPLACE: ("±", "替换", "replace"),
    Operation.DELETE: ("−", "删除", "delete"),
    Operation.SAME: ("=", "不变", "unchanged"),
}
"""Sign, Chinese and English of each operation."""

KINDS = {
    "Vpc": ("专有网络", "network"),
    "Subnet": ("子网", "subnet"),
    "SecurityGroup": ("安全组", "security group"),
    "NetworkAcl": ("网络访问控制", "network ACL"),
    "RouteTable": ("路由表", "route table"),
    "InternetGateway": ("互联网网关", "internet gateway"),
    "NatGateway": ("地址转换网关", "NAT gateway"),
    "ElasticIp": ("公网地址", "public address"),
    "TransitGateway": ("中转网关", "transit gateway"),
    "TransitGatewayAttachment": ("中转连接", "transit attachment"),
    "TransitGatewayRouteTable": ("中转路由域", "transit route domain"),
    "ResourceShare": ("资源共享", "resource share"),
    "NetworkPeering": ("网络互联", "peering"),
    "VpcEndpoint": ("服务端点", "endpoint"),
    "FlowLog": ("流日志", "flow log"),
    "Instance": ("主机", "machine"),
    "Volume": ("云盘", "disk"),
    "Bucket": ("存储桶", "bucket"),
    "FileSystem": ("文件存储", "file system"),
    "MountTarget": ("挂载点", "mount target"),
    "Database": ("数据库", "database"),
    "DatabaseSubnetGroup": ("数据库子网组", "database subnets"),
    "LoadBalancer": ("负载均衡", "load balancer"),
    "Listener": ("监听", "listener"),
    "TargetGroup": ("目标组", "target group"),
    "Role": ("角色", "role"),
    "InstanceProfile": ("主机角色", "instance profile"),
    "Policy": ("权限策略", "policy"),
    "Key": ("密钥", "key"),
    "Secret": ("凭据", "secret"),
    "BackupPlan": ("备份计划", "backup plan"),
    "BackupVault": ("备份库", "backup vault"),
    "LogGroup": ("日志组", "log group"),
    "Trail": ("审计跟踪", "audit trail"),
    "Organization": ("组织", "organisation"),
    "OrganizationalUnit": ("组织单元", "organisational unit"),
    "Account": ("云账号", "account"),
    "ControlPolicy": ("组织护栏策略", "organisation policy"),
    "Environment": ("整个环境", "environment"),
}
"""Chinese and English of a kind; one that is not here is called by its own name."""


def kind_words(kind: str) -> tuple[str, str]:
    """(zh, en) of a kind."""
    return KINDS.get(kind) or (kind, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower())
