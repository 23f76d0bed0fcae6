"""From an RVTools workbook's rows to a room: every error and every assumption becomes a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from ipaddress import ip_address

from foundation.documents import Workbook
from foundation.values.findings import Finding, blocking
from takeover.rooms.model import AddressText, DiskSource, Host, Machine, OperatingSystemSource, Power, Room
from takeover.rooms.remarks import COUNT, POWER, SIZE, TRUTH, Remarks
from takeover.rooms.sheets import FORMS, HOSTS, MACHINES, NETWORKS, PARTITIONS, Record, Table, table

_POWER = {"poweredon": Power.ON, "poweredoff": Power.OFF, "suspended": Power.SUSPENDED}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,18})?")
_MEBIBYTES_PER_GIBIBYTE = 1024


def import_room(workbook: Workbook) -> tuple[Room | None, tuple[Finding, ...]]:
    """The room in ``workbook`` and all findings; on any error there is no room, and nothing is half imported."""
    remarks = Remarks(workbook.file)
    tables = _tables(workbook, remarks)
    if len(tables) < len(FORMS) or blocking(remarks.findings):
        return None, tuple(remarks.findings)
    hosts = _hosts(tables[HOSTS.name], remarks)
    machines = _machines(tables, remarks)
    _compare_hosts(hosts, machines, tables[MACHINES.name], remarks)
    findings = tuple(remarks.findings)
    return (None if blocking(findings) else Room(workbook.file, hosts, machines)), findings


def _tables(workbook: Workbook, remarks: Remarks) -> dict[str, Table]:
    by_name = {name.casefold(): rows for name, rows in workbook.sheets.items()}
    tables: dict[str, Table] = {}
    for form in FORMS:
        rows = by_name.get(form.name.casefold())
        if rows is None:
            remarks.sheet_absent(form.name)
            continue
        tables[form.name], findings = table(workbook.file, form, rows)
        remarks.findings.extend(findings)
    return tables


def _hosts(hosts: Table, remarks: Remarks) -> tuple[Host, ...]:
    found: dict[str, Host] = {}
    for record in hosts.records:
        name = record.text("name")
        if not name:
            remarks.missing_name(record.place("name"))
        elif name in found:
            remarks.duplicate_host(record.place("name"), name, found[name].row)
        else:
            found[name] = Host(
                name=name,
                datacenter=record.text("datacenter"),
                cluster=record.text("cluster"),
                cores=_optional_whole(record, "cores", remarks),
                memory_mb=_optional_whole(record, "memory", remarks),
                vendor=record.text("vendor"),
                model=record.text("model"),
                serial=record.text("serial"),
                row=record.row,
            )
    return tuple(found.values())


def _machines(tables: Mapping[str, Table], remarks: Remarks) -> tuple[Machine, ...]:
    records = tables[MACHINES.name].records
    names = {record.text("name").casefold() for record in records}
    capacities = _capacities(tables[PARTITIONS.name], names, remarks)
    addresses = _addresses(tables[NETWORKS.name], names, remarks)
    rows: dict[str, int] = {}
    machines: list[Machine] = []
    for record in records:
        name = record.text("name")
        if not name:
            remarks.missing_name(record.place("name"))
            continue
        # vCenter holds names unique without regard to case inside a folder; the other sheets join by name alone
        key = name.casefold()
        if key in rows:
            remarks.duplicate_machine(record.place("name"), name, rows[key])
            continue
        rows[key] = record.row
        machine = _machine(record, capacities.get(key), addresses.get(key, ()), remarks)
        if machine is not None:
            machines.append(machine)
    if not machines and not blocking(remarks.findings):
        remarks.no_machines(MACHINES.name)
    return tuple(machines)


def _machine(
    record: Record, capacity: Fraction | None, addresses: Sequence[AddressText], remarks: Remarks
) -> Machine | None:
    name = record.text("name")
    vcpu = _whole(record, "vcpu", remarks)
    memory = _whole(record, "memory", remarks)
    power = _POWER.get(record.text("power").casefold())
    if power is None:
        remarks.bad_cell(record.place("power"), record.text("power"), POWER)
    template = _TRUTH.get(record.text("template").casefold())
    if template is None:
        remarks.bad_cell(record.place("template"), record.text("template"), TRUTH)
    source = DiskSource.PARTITIONS
    if capacity is None:
        capacity, source = _size(record, "provisioned", remarks), DiskSource.PROVISIONED
    if vcpu is None or memory is None or power is None or template is None or capacity is None:
        return None
    if template:
        remarks.template(record.place("template"), name)
    if power is not Power.ON:
        remarks.powered_off(record.place("power"), name, power)
    if source is DiskSource.PROVISIONED:
        remarks.without_partitions(record.place("provisioned"), name, _gigabytes(capacity))
    system, system_source = _operating_system(record, remarks)
    return Machine(
        name=name,
        power=power,
        template=template,
        vcpu=vcpu,
        memory_mb=memory,
        disk_gb=_gigabytes(capacity),
        disk_source=source,
        host=record.text("host"),
        cluster=record.text("cluster"),
        datacenter=record.text("datacenter"),
        operating_system=system,
        operating_system_source=system_source,
        dns_name=record.text("dns_name"),
        uuid=record.text("uuid"),
        addresses=tuple(addresses),
        row=record.row,
    )


def _operating_system(record: Record, remarks: Remarks) -> tuple[str, OperatingSystemSource]:
    if tools := record.text("tools_system"):
        return tools, OperatingSystemSource.TOOLS
    configured = record.text("configured_system")
    if "tools_system" in record.titles:
        remarks.without_tools_system(record.place("tools_system"), record.text("name"), configured)
    return configured, OperatingSystemSource.CONFIGURATION if configured else OperatingSystemSource.NONE


def _capacities(partitions: Table, names: set[str], remarks: Remarks) -> dict[str, Fraction]:
    """MiB by machine, summed over its partitions."""
    found: dict[str, Fraction] = {}
    for record in partitions.records:
        key = record.text("machine").casefold()
        if key not in names or not key:
            remarks.stray_row(record.place("machine"), record.text("machine"))
            continue
        size = _size(record, "capacity", remarks)
        if size is not None:
            found[key] = found.get(key, Fraction(0)) + size
    # a machine whose partitions are all empty says nothing about its disk
    return {key: size for key, size in found.items() if size > 0}


def _addresses(networks: Table, names: set[str], remarks: Remarks) -> dict[str, tuple[AddressText, ...]]:
    found: dict[str, tuple[AddressText, ...]] = {}
    for record in networks.records:
        key = record.text("machine").casefold()
        if key not in names or not key:
            remarks.stray_row(record.place("machine"), record.text("machine"))
            continue
        for column in ("ipv4", "ipv6"):
            for text in record.text(column).replace(",", " ").replace(";", " ").split():
                try:
                    address = str(ip_address(text))
                except ValueError:
                    remarks.bad_address(record.place(column), text)
                    continue
                found[key] = (*found.get(key, ()), address)
    return found


def _compare_hosts(hosts: Sequence[Host], machines: Iterable[Machine], sheet: Table, remarks: Remarks) -> None:
    on_host: dict[str, list[Machine]] = {}
    for machine in machines:
        if machine.host:
            on_host.setdefault(machine.host, []).append(machine)
    places = {record.row: record.place("host") for record in sheet.records}
    known = {host.name for host in hosts}
    for name, residents in on_host.items():
        if name not in known:
            remarks.unknown_host(places[residents[0].row], name, len(residents))
    for host in hosts:
        if host.name not in on_host:
            remarks.host_without_machines(host)


def _number(record: Record, column: str) -> Fraction | None:
    value = record.cells.get(column)
    if value is None or isinstance(value, bool):
        return None
    # through text, so that 0.1 stays a tenth; exports in other locales write "86,201"; no exponent, no endless digits
    text = str(value).strip().replace(",", "")
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _whole(record: Record, column: str, remarks: Remarks) -> int | None:
    number = _number(record, column)
    if number is None or number <= 0 or number.denominator != 1:
        remarks.bad_cell(record.place(column), record.text(column), COUNT)
        return None
    return int(number)


def _optional_whole(record: Record, column: str, remarks: Remarks) -> int | None:
    return None if record.cells.get(column) is None else _whole(record, column, remarks)


def _size(record: Record, column: str, remarks: Remarks) -> Fraction | None:
    number = _number(record, column)
    if number is None or number < 0:
        remarks.bad_cell(record.place(column), record.text(column), SIZE)
        return None
    return number


def _gigabytes(mebibytes: Fraction) -> int:
    """Whole GiB, rounded up, and at least one: no cloud has a smaller disk."""
    return max(1, -(-mebibytes // _MEBIBYTES_PER_GIBIBYTE))
