"""Normal forms: what the program writes and what the cloud answers, made comparable.

A value that is not of its shape raises ``ValueError`` with (zh, en); ``UNKNOWN``, a value of a preview, passes.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.provider.kind import Plain, Shape
from infra.provider.naming import OWN_TAGS


class _Unknown:
    """A value that a preview does not know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()

_RULE_FIELDS = {"protocol", "from_port", "to_port", "cidr", "group", "description"}
_UNORDERED = frozenset({"Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated"})


class ShapeError(ValueError):
    """``at`` is the path below the property, such as ``[0].protocol``."""

    def __init__(self, zh: str, en: str, at: str = "") -> None:
        self.zh, self.en, self.at = zh, en, at
        super().__init__(en)


def normal(shape: Shape, value: Plain) -> Plain:
    """The normal form of a value of one shape."""
    if value is None or value is UNKNOWN:
        return value
    return _NORMAL[shape](value)


def contains_unknown(value: Plain) -> bool:
    """Whether any part of a value is unknown."""
    if isinstance(value, Mapping):
        return any(contains_unknown(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(one) for one in value)
    return value is UNKNOWN


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


def _boolean(value: Plain) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("应为 true 或 false", "should be true or false")
    return value


def _policy(value: Plain) -> str:
    try:
        return policy(value)
    except json.JSONDecodeError as cause:
        raise ShapeError("应为 JSON 文本", "should be JSON text") from cause


def _texts(value: Plain) -> list[Plain]:
    if not isinstance(value, list | tuple):
        raise ShapeError("应为列表", "should be a list")
    for index, one in enumerate(value):
        if one is not UNKNOWN and not isinstance(one, str):
            raise ShapeError("应为文本", "should be a text", f"[{index}]")
    return sorted(set(value), key=str)


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
    pairs = {tag["Key"]: tag["Value"] for tag in value}
    return {key: text for key, text in pairs.items() if key not in OWN_TAGS and not key.startswith("aws:")}


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
        return str(ipaddress.ip_network(value))
    except ValueError as cause:
        raise ShapeError("应为网段", "should be a network such as 10.0.0.0/8", ".cidr") from cause


_NORMAL: dict[Shape, Callable[[Plain], Any]] = {
    Shape.TEXT: _text,
    Shape.INTEGER: _integer,
    Shape.BOOLEAN: _boolean,
    Shape.POLICY: _policy,
    Shape.TEXTS: _texts,
    Shape.TAGS: _tags,
    Shape.POLICY_MAP: _map_of(_policy),
    Shape.RULES: _rules,
}
