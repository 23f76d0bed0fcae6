"""The one table of rules: stable ids, what must be, the remedy, the function that looks."""

from __future__ import annotations

from infra.guardrails.errors import NoSuchRule
from infra.guardrails.model import Rule
from infra.guardrails.rules import encryption, exposure, identity, keeping, limits, placement

RULES: tuple[Rule, ...] = (
    Rule(
        "GR-S3-001",
        "存储桶不得对公众开放",
        "a bucket is not open to the public",
        "将 block_public_access 设为 true,去掉公开的 acl;对外发布请经负载均衡或网关",
        "set block_public_access, drop the public acl; publish through a load balancer or gateway",
        exposure.open_buckets,
    ),
    Rule(
        "GR-S3-002",
        "资源策略不得无条件地允许所有人",
        "a resource's policy does not allow everybody without a condition",
        "在 Principal 中写明主体,或加上组织、网络条件",
        "name the principals, or add a condition on organisation or network",
        exposure.policies_for_everybody,
    ),
    Rule(
        "GR-NET-001",
        "管理端口不得对任意地址开放",
        "no management port is open to anywhere",
        "删除该规则;运维经堡垒机或会话管理进入",
        "remove the rule; operate through the bastion or a session manager",
        exposure.management_ports_open,
    ),
    Rule(
        "GR-NET-002",
        "数据库端口不得对任意地址开放",
        "no database port is open to anywhere",
        "来源改为应用子网或应用的安全组",
        "let in the application's subnets or security group only",
        exposure.database_ports_open,
    ),
    Rule(
        "GR-NET-003",
        "管理端口、数据库端口只对本单位网段开放",
        "management and database ports are open to the agency's own ranges only",
        "来源改为本环境网段、经批准的互联环境或运维网段",
        "let in this environment's range, an approved peer or the operator's management ranges only",
        exposure.ports_open_to_strangers,
    ),
    Rule(
        "GR-DB-001",
        "数据库不得有公网地址",
        "a database has no public address",
        "将 publicly_accessible 设为 false",
        "set publicly_accessible to false",
        exposure.databases_open,
    ),
    Rule(
        "GR-TLS-001",
        "存储桶只接受 TLS 访问",
        "a bucket is reached over TLS only",
        "在桶策略中拒绝 aws:SecureTransport 为 false 的访问",
        "deny what has aws:SecureTransport false in the bucket's policy",
        encryption.buckets_without_tls,
    ),
    Rule(
        "GR-TLS-002",
        "负载均衡不得提供明文 HTTP",
        "a load balancer does not speak plain HTTP",
        "改用 HTTPS 监听并配证书;HTTP 监听只可跳转到 HTTPS",
        "listen on HTTPS with a certificate; an HTTP listener may only redirect there",
        encryption.listeners_without_tls,
    ),
    Rule(
        "GR-TLS-003",
        "服务之间的传输须加密",
        "what a service sends is encrypted",
        "打开该服务的传输加密",
        "switch on the service's encryption in transit",
        encryption.transit_in_the_clear,
    ),
    Rule(
        "GR-ENC-001",
        "数据须加密存放",
        "data is encrypted at rest",
        "打开加密;已有的盘和库须重建并迁移数据",
        "switch encryption on; a disk or database that exists is made anew and its data moved",
        encryption.unencrypted,
    ),
    Rule(
        "GR-ENC-002",
        "数据用本单位的密钥加密",
        "data is encrypted with the agency's own key",
        "在密钥属性(kms_key_id)中填写本单位的密钥;环境说明采用第 2 版基线即自动填写",
        "name the agency's key (kms_key_id); baseline 2 of the spec does so by itself",
        encryption.foreign_keys,
    ),
    Rule(
        "GR-ENC-003",
        "密钥须定期轮换",
        "keys rotate",
        "打开密钥的自动轮换",
        "switch the key's rotation on",
        encryption.keys_without_rotation,
    ),
    Rule(
        "GR-IAM-001",
        "角色和用户须有权限边界",
        "every role and user has a permission boundary",
        "填写 permissions_boundary",
        "set permissions_boundary",
        identity.unbounded,
    ),
    Rule(
        "GR-IAM-002",
        "角色不得由任何人承担",
        "no role may be taken up by anybody",
        "在信任策略中写明账号或主体,或加上条件",
        "name accounts or principals in the trust policy, or add a condition",
        identity.assumed_by_anybody,
    ),
    Rule(
        "GR-IAM-003",
        "角色不得拥有全部权限",
        "no role may do everything",
        "写明所需的操作和资源,去掉 AdministratorAccess",
        "name the actions and resources that are needed; drop AdministratorAccess",
        identity.all_powerful,
    ),
    Rule(
        "GR-ZONE-001",
        "政务外网环境没有互联网出入口",
        "an environment of the government extranet has no way to or from the internet",
        "去掉该网关、公网地址或公网负载均衡;确需对外的部分放到互联网区的环境",
        "drop the gateway, public address or public load balancer; what must be public goes to an internet environment",
        placement.ways_to_the_internet,
    ),
    Rule(
        "GR-ZONE-002",
        "政务外网环境只访问内部网段",
        "an environment of the government extranet talks to private ranges only",
        "出方向规则的目标改为内部网段",
        "let egress go to private ranges only",
        placement.traffic_to_the_internet,
    ),
    Rule(
        "GR-PEER-001",
        "与其他环境互联须经批准",
        "another environment is reached only where a peering was approved",
        "在环境说明的 peers 中写明对方和批准文号,重新申请",
        "name the peer and its approval under peers in the spec, and ask again",
        placement.unapproved_peers,
    ),
    Rule(
        "GR-LEVEL-001",
        "网络流量须留存日志",
        "a network's traffic leaves a record",
        "为该网络加上流日志(环境说明的 flow_logs)",
        "add a flow log to the network (flow_logs in the spec)",
        placement.networks_without_flow_logs,
    ),
    Rule(
        "GR-LEVEL-002",
        "子网数须满足等保级别的分区要求",
        "there are as many separate subnets as the protection level asks for",
        "按前端、应用、数据分设子网",
        "separate the subnets of front, application and data",
        placement.too_few_subnets,
    ),
    Rule(
        "GR-LEVEL-003",
        "等保三级的数据库不与主机同处一个子网",
        "at level 3 a database shares no subnet with machines",
        "把数据库移到专用的数据子网",
        "move the database to subnets of its own",
        placement.databases_among_machines,
    ),
    Rule(
        "GR-LOG-001",
        "审计日志桶须锁定对象",
        "the audit trail's bucket has object lock",
        "新建带对象锁的桶(已有的桶不能事后加锁)并改投该桶",
        "make a bucket with object lock (an existing one cannot get it) and send the trail there",
        keeping.trails_unlocked,
    ),
    Rule(
        "GR-LOG-002",
        "日志桶宜锁定对象",
        "a bucket of logs has object lock",
        "新建带对象锁的桶并改投该桶",
        "make a bucket with object lock and send the logs there",
        keeping.logs_unlocked,
    ),
    Rule(
        "GR-TAG-001",
        "每个资源须标明单位、系统、项目、资金来源",
        "every resource says whose it is: agency, system, project, fund source",
        "补上标签,值与环境说明一致",
        "add the tags, with the spec's values",
        keeping.tags_missing,
    ),
    Rule(
        "GR-DATA-001",
        "计划不得删除数据",
        "a plan does not delete data",
        "由使用单位申请、主管部门批准终止后方可删除",
        "only a termination that the agency asked for and the bureau approved may delete data",
        keeping.data_deleted,
        exemptible=False,
    ),
    Rule(
        "GR-DATA-002",
        "删除前须留有副本",
        "what is deleted leaves a copy",
        "去掉 force_destroy、skip_final_snapshot 等设置",
        "drop force_destroy, skip_final_snapshot and the like",
        keeping.data_unguarded,
    ),
    Rule(
        "GR-PROT-001",
        "受保护的资源不得被计划删除或替换",
        "a protected resource is not deleted or replaced by a plan",
        "先以单独的计划解除保护(须批准),再删除",
        "lift the protection by a plan of its own, which needs its approval, and delete afterwards",
        keeping.protected_deleted,
        exemptible=False,
    ),
    Rule(
        "GR-BUDGET-001",
        "每月增加的费用不超过预算余额",
        "the monthly difference is within what is left of the budget",
        "缩减规格,或由主管部门调整预算",
        "ask for less, or let the bureau change the budget",
        limits.over_budget,
    ),
    Rule(
        "GR-QUOTA-001",
        "占用不超过配额",
        "what is held is within the quota",
        "缩减规格,释放闲置资源,或由主管部门调整配额",
        "ask for less, give idle resources back, or let the bureau change the quota",
        limits.over_quota,
    ),
    Rule(
        "GR-SCP-001",
        "组织策略不超过云的长度限制",
        "an organisation policy is within the cloud's limit of length",
        "合并语句、用通配符,或拆成几条策略",
        "merge statements, use wildcards, or split the policy",
        limits.policies_too_long,
        exemptible=False,
    ),
    Rule(
        "GR-SCP-002",
        "组织策略须放行部署角色",
        "an organisation policy exempts the deployer's role",
        "在 Deny 语句的条件中排除部署角色(aws:PrincipalArn)",
        "except the deployer's role in the condition of each Deny (aws:PrincipalArn)",
        limits.deployer_shut_out,
    ),
)
"""Every guardrail, by area. An id once used is never given to another rule."""

_BY_ID = {rule.id: rule for rule in RULES}


def rule_named(rule: str) -> Rule:
    """The rule with that id; raises ``NoSuchRule``, which names those of the same area."""
    try:
        return _BY_ID[rule]
    except KeyError:
        area = "-".join(rule.split("-")[:2])
        near = [one for one in _BY_ID if one.startswith(area)] or sorted({f"{one[:-3]}…" for one in _BY_ID})
        raise NoSuchRule(rule=rule, near=", ".join(near)) from None
