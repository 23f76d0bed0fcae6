"""Normal forms: what the program writes and what the cloud answers, made comparable.

A value that is not of its shape raises ``ValueError`` with (zh, en); ``UNKNOWN``, a value of a preview, passes.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.provider.composite import normal_composite
from infra.provider.kind import AnyShape, Plain, Shape
from infra.provider.naming import OWN_TAGS
from infra.provider.unknown import UNKNOWN, ShapeError, contains_unknown

__all__ = ["UNKNOWN", "ShapeError", "contains_unknown", "normal", "policy", "tag_map"]


_RULE_FIELDS = {"protocol", "from_port", "to_port", "cidr", "group", "description"}
_UNORDERED = frozenset({"Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated"})


def normal(shape: AnyShape, value: Plain) -> Plain:
    """The normal form of a value of one shape."""
    if value is None or value is UNKNOWN:
        return value
    return _NORMAL[shape](value) if isinstance(shape, Shape) else normal_composite(shape, value, normal)


def policy(document: object) -> str:
    """A policy document as canonical text: keys sorted, one-element lists as their element, sets sorted."""
    parsed = json.loads(document) if isinstance(document, str) else document
    if not isinstance(parsed, Mapping):
        raise ShapeError("应为 JSON 对象", "should be a JSON object")
    return json.dumps(_canonical(parsed, ""), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _canonical(value: object, key: str) -> object:
    if isinstance(value, Mapping):
        return {name: _canonical(one, name) for name, one in value.items()}
    if isinstance(value, list):
        items = [_canonical(one, "") for one in value]
        if key in _UNORDERED:
            return items[0] if len(items) == 1 else sorted(items, key=str)
        return items
    return value


def _text(value: Plain) -> str:
    if not isinstance(value, str):
        raise ShapeError("应为文本", "should be a text")
    return value


def _integer(value: Plain) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ShapeError("应为整数", "should be a whole number")
    return int(value)


def _number(value: Plain) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ShapeError("应为数字", "should be a number")
    return int(value) if value == int(value) else value


def _boolean(value: Plain) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("应为 true 或 false", "should be true or false")
    return value


def _policy(value: Plain) -> str:
    try:
        return policy(value)
    except json.JSONDecodeError as cause:
        raise ShapeError("应为 JSON 文本", "should be JSON text") from cause


def _texts(value: Plain) -> Plain:
    if not isinstance(value, list | tuple):
        raise ShapeError("应为列表", "should be a list")
    for index, one in enumerate(value):
        if one is not UNKNOWN and not isinstance(one, str):
            raise ShapeError("应为文本", "should be a text", f"[{index}]")
    known = {one for one in value if one is not UNKNOWN}
    unknown = [one for one in value if one is UNKNOWN]
    # Where a value that is not known yet will stand among the sorted others, nobody knows: nor is the whole.
    return UNKNOWN if known and unknown else sorted(known) or unknown


def _map_of(each: Callable[[Plain], Plain]) -> Callable[[Plain], dict[str, Plain]]:
    def of(value: Plain) -> dict[str, Plain]:
        if not isinstance(value, Mapping):
            raise ShapeError("应为键值表", "should be a map")
        result: dict[str, Plain] = {}
        for key, one in value.items():
            try:
                result[key] = one if one is UNKNOWN else each(one)
            except ShapeError as error:
                raise ShapeError(error.zh, error.en, f'["{key}"]{error.at}') from None
        return result

    return of


def _tags(value: Plain) -> dict[str, Plain]:
    """The cloud's list without our tags and its own is what the program may set."""
    if not isinstance(value, list):
        return _map_of(_text)(value)
    return {key: text for key, text in tag_map(value).items() if key not in OWN_TAGS and not key.startswith("aws:")}


def tag_map(value: Plain) -> dict[str, str]:
    """All tags of the cloud's answer as a map, in whichever style a service answers."""
    if isinstance(value, Mapping):
        return {str(key): str(text) for key, text in value.items()}
    found: dict[str, str] = {}
    for tag in value or ():
        key = next(name for name in ("Key", "key", "TagKey", "tagKey") if name in tag)
        found[str(tag[key])] = str(tag.get(key.replace("Key", "Value").replace("key", "value")) or "")
    return found


def _rules(value: Plain) -> list[Plain]:
    if not isinstance(value, list | tuple):
        raise ShapeError("应为规则列表", "should be a list of rules")
    rules: list[Plain] = []
    for index, one in enumerate(value):
        try:
            rules.append(one if one is UNKNOWN else _rule(one))
        except ShapeError as error:
            raise ShapeError(error.zh, error.en, f"[{index}]{error.at}") from None
    return sorted(rules, key=lambda rule: json.dumps(rule, sort_keys=True, default=str))


def _rule(rule: Plain) -> dict[str, Plain]:
    if not isinstance(rule, Mapping):
        raise ShapeError("应为规则", "should be a rule")
    given = {key: value for key, value in rule.items() if value is not None}
    for key in given.keys() - _RULE_FIELDS:
        raise ShapeError("规则没有此项", "is no part of a rule", f".{key}")
    if "protocol" not in given:
        raise ShapeError("缺少协议", "is missing", ".protocol")
    if ("cidr" in given) == ("group" in given):
        raise ShapeError("cidr 与 group 必须且只能有一个", "needs either cidr or group")
    target = {"group": given["group"]} if "group" in given else {"cidr": _network(given["cidr"])}
    return {
        "protocol": given["protocol"],
        **_ports(given),
        **target,
        "description": given.get("description", ""),
    }


def _ports(given: dict[str, Plain]) -> dict[str, Plain]:
    """Both ports; every protocol at once has none."""
    if given["protocol"] == "-1":
        return {}
    ports: dict[str, Plain] = {}
    for key in ("from_port", "to_port"):
        if key in given:
            ports[key] = given[key] if given[key] is UNKNOWN else _ranged(given[key], key)
        elif given["protocol"] in ("tcp", "udp"):
            raise ShapeError("缺少端口", "is missing", f".{key}")
    return ports


def _ranged(value: Plain, key: str) -> int:
    port = _integer(value)
    if not -1 <= port <= 65535:
        raise ShapeError("端口应在 -1 与 65535 之间", "should be between -1 and 65535", f".{key}")
    return port


def _network(value: Plain) -> Plain:
    if value is UNKNOWN:
        return value
    try:
        return _cidr(value)
    except ShapeError as error:
        raise ShapeError(error.zh, error.en, ".cidr") from None


def _cidr(value: Plain) -> str:
    try:
        return str(ipaddress.ip_network(_text(value)))
    except ValueError as cause:
        raise ShapeError("应为网段", "should be a network such as 10.0.0.0/8") from cause


_NORMAL: dict[Shape, Callable[[Plain], Any]] = {
    Shape.TEXT: _text,
    Shape.INTEGER: _integer,
    Shape.NUMBER: _number,
    Shape.BOOLEAN: _boolean,
    Shape.CIDR: _cidr,
    Shape.POLICY: _policy,
    Shape.TEXTS: _texts,
    Shape.TEXT_MAP: _map_of(_text),
    Shape.TAGS: _tags,
    Shape.POLICY_MAP: _map_of(_policy),
    Shape.RULES: _rules,
}
