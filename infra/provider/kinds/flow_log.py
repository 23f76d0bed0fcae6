"""``guanyun:cloud:FlowLog``: a record of the traffic of a VPC, a subnet or a transit gateway.

Nothing of it but name and tags changes in place.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Kind, Plain, Properties, Property, Shape, View, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, specification
from infra.provider.normal import UNKNOWN

_TYPES = {
    "vpc-": "VPC",
    "subnet-": "Subnet",
    "eni-": "NetworkInterface",
    "tgw-attach-": "TransitGatewayAttachment",
    "tgw-": "TransitGateway",
}


def _type_of(resource_id: Plain) -> Plain:
    """The cloud tells the resource's id only; its type is in there."""
    return next((name for prefix, name in _TYPES.items() if str(resource_id).startswith(prefix)), None)


def _fits(properties: Properties) -> Iterator[tuple[str, str, str]]:
    resource_id, resource_type = properties.get("resource_id"), properties.get("resource_type")
    if isinstance(resource_id, str) and _type_of(resource_id) != resource_type:
        yield ("resource_type", "与 resource_id 不符", "is not the type of the resource_id")
    if UNKNOWN in (resource_type, properties.get("destination_type")):
        return
    transit = str(resource_type).startswith("TransitGateway")
    if transit == bool(properties.get("traffic_type")):
        yield ("traffic_type", "中转网关不填,其他必须填写", "is required, but of a transit gateway not allowed")
    if transit and properties.get("max_aggregation_interval") != 60:
        yield ("max_aggregation_interval", "中转网关只能为 60", "can only be 60 of a transit gateway")
    if (properties.get("destination_type") == "cloud-watch-logs") != bool(properties.get("role_arn")):
        yield ("role_arn", "写入日志组时必须填写,写入存储桶时不填", "goes with a log group, and is required then")


def _born(_context: Context, answer: View) -> str:
    """The id; the cloud says no in an answer that is otherwise a yes."""
    for refused in answer.get("Unsuccessful") or []:
        error = refused["Error"]
        raise CloudRefused(operation="CreateFlowLogs", reason=error["Code"], message=error["Message"])
    return str(answer["FlowLogIds"][0])


FLOW_LOG = Kind(
    type_name="guanyun:cloud:FlowLog",
    service="ec2",
    properties=(
        NAME,
        Property("resource_id", path="ResourceId", required=True, replaces=always),
        Property(
            "resource_type",
            path="ResourceId",
            read=_type_of,
            default="VPC",
            choices=tuple(_TYPES.values()),
            replaces=always,
        ),
        Property("destination_arn", path="LogDestination", required=True, replaces=always),
        Property(
            "destination_type",
            path="LogDestinationType",
            default="s3",
            choices=("s3", "cloud-watch-logs"),
            replaces=always,
        ),
        Property("role_arn", path="DeliverLogsPermissionArn", replaces=always),
        Property("traffic_type", path="TrafficType", choices=("ACCEPT", "REJECT", "ALL"), replaces=always),
        Property(
            "max_aggregation_interval", Shape.INTEGER, path="MaxAggregationInterval", default=600, replaces=always
        ),
        Property("log_format", path="LogFormat", replaces=always, offered=True),
        TAGS,
    ),
    create=Call(
        "CreateFlowLogs",
        {
            "ResourceIds": ["$resource_id"],
            "ResourceType": "$resource_type",
            "LogDestination": "$destination_arn",
            "LogDestinationType": "$destination_type",
            "DeliverLogsPermissionArn": "$role_arn",
            "TrafficType": "$traffic_type",
            "MaxAggregationInterval": "$max_aggregation_interval",
            "LogFormat": "$log_format",
            "ClientToken": "$client_token",
            "TagSpecifications": specification("vpc-flow-log"),
        },
    ),
    identity=_born,
    describe=Call("DescribeFlowLogs", {"FlowLogIds": ["$id"]}, absent=("InvalidFlowLogId.NotFound",)),
    view_path="FlowLogs[0]",
    ready="FlowLogStatus == 'ACTIVE'",
    changes=(RETAG,),
    # The cloud refuses a second log of the same traffic to the same place.
    exclusive=(("resource_id", "destination_arn"),),
    check=_fits,
    # The answer of a delete does not say whether it was done.
    gone="FlowLogStatus == 'DELETED'",
    delete=Call("DeleteFlowLogs", {"FlowLogIds": ["$id"]}, absent=("InvalidFlowLogId.NotFound",)),
    sweep=Call("DescribeFlowLogs", {"Filter": [{"Name": "tag:guanyun:environment", "Values": ["$environment"]}]}),
    found="FlowLogs[].{id: FlowLogId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}",
)
