"""What an import of a room has to say, in both languages: one method a kind of finding."""

from __future__ import annotations

from foundation.values.findings import Finding, Place, Severity
from takeover.rooms.model import Host, Power

Expected = tuple[str, str]
"""What a cell should have been, in Chinese and in English."""

COUNT: Expected = ("不小于 1 的整数", "a whole number of at least 1")
SIZE: Expected = ("以 MiB 计的非负数", "MiB, not negative")
POWER: Expected = ("poweredOn、poweredOff 或 suspended", "poweredOn, poweredOff or suspended")
TRUTH: Expected = ("True 或 False", "True or False")


class Remarks:
    """Gathers the findings of one import, in the order they are made."""

    def __init__(self, file: str) -> None:
        self.findings: list[Finding] = []
        self._file = file

    def sheet_absent(self, sheet: str) -> None:
        """A sheet the import needs is not there."""
        self._add(
            "sheet-absent", Severity.ERROR, Place(self._file, sheet), "", sheet,
            f"缺少工作表 {sheet}", f"there is no sheet {sheet}",
        )  # fmt: skip

    def no_machines(self, sheet: str) -> None:
        """The sheet has a header and nothing under it."""
        self._add(
            "empty", Severity.ERROR, Place(self._file, sheet), "0", "≥ 1",
            f"工作表 {sheet} 中没有虚拟机", f"sheet {sheet} holds no machine",
        )  # fmt: skip

    def missing_name(self, place: Place) -> None:
        """A row without the name it is known by."""
        self._add("name-missing", Severity.ERROR, place, "", place.field, "该行没有名称", "the row has no name")

    def bad_cell(self, place: Place, found: str, expected: Expected) -> None:
        """A cell that cannot be what its column says."""
        self._add(
            "cell-invalid", Severity.ERROR, place, found, expected[1],
            f"{place.field} 的值“{found}”不合要求,应为{expected[0]}",
            f"{place.field} is {found!r}, expected {expected[1]}",
        )  # fmt: skip

    def duplicate_machine(self, place: Place, name: str, first_row: int) -> None:
        """Two rows name one machine."""
        self._add(
            "machine-duplicate", Severity.ERROR, place, name, "each machine once",
            f"虚拟机 {name} 重复,第 {first_row} 行已有", f"machine {name} is already in row {first_row}",
        )  # fmt: skip

    def duplicate_host(self, place: Place, name: str, first_row: int) -> None:
        """Two rows name one host."""
        self._add(
            "host-duplicate", Severity.ERROR, place, name, "each host once",
            f"宿主机 {name} 重复,第 {first_row} 行已有", f"host {name} is already in row {first_row}",
        )  # fmt: skip

    def stray_row(self, place: Place, name: str) -> None:
        """A partition or address of a machine that vInfo lacks."""
        self._add(
            "machine-unknown", Severity.WARNING, place, name, "a machine of vInfo",
            f"{place.sheet} 中的虚拟机“{name}”不在 vInfo 中,该行未用",
            f"{place.sheet} names machine {name!r}, which vInfo lacks; the row is not used",
        )  # fmt: skip

    def bad_address(self, place: Place, found: str) -> None:
        """Text in an address column that is no address."""
        self._add(
            "address-invalid", Severity.WARNING, place, found, "an IPv4 or IPv6 address",
            f"“{found}”不是 IP 地址,未用", f"{found!r} is no IP address; not used",
        )  # fmt: skip

    def unknown_host(self, place: Place, name: str, machines: int) -> None:
        """vInfo names a host that vHost lacks."""
        self._add(
            "host-unknown", Severity.WARNING, place, name, "a host of vHost",
            f"宿主机 {name} 不在 vHost 中,其上有 {machines} 台虚拟机",
            f"host {name} is not in vHost; {machines} machines are on it",
        )  # fmt: skip

    def host_without_machines(self, host: Host) -> None:
        """vHost names a host that no machine is on."""
        self._add(
            "host-without-machines", Severity.NOTE, Place(self._file, "vHost", host.row, "Host"), host.name, "machines",
            f"宿主机 {host.name} 上没有虚拟机", f"no machine is on host {host.name}",
        )  # fmt: skip

    def template(self, place: Place, name: str) -> None:
        """A template: kept in the inventory, in no batch."""
        self._add(
            "machine-template", Severity.NOTE, place, name, "",
            f"{name} 是模板,不进入批次", f"{name} is a template and enters no batch",
        )  # fmt: skip

    def powered_off(self, place: Place, name: str, power: Power) -> None:
        """A machine that does not run: kept in the inventory, in no batch."""
        self._add(
            "machine-off", Severity.NOTE, place, name, "",
            f"{name} 未开机({power}),不进入批次", f"{name} is not running ({power}) and enters no batch",
        )  # fmt: skip

    def without_partitions(self, place: Place, name: str, gigabytes: int) -> None:
        """No partition is known: the provisioned size stands in."""
        self._add(
            "partitions-absent", Severity.NOTE, place, f"{gigabytes} GB", "partitions",
            f"{name} 没有分区数据,按置备容量 {gigabytes} GB 计",
            f"{name} has no partitions; its provisioned size, {gigabytes} GB, is used",
        )  # fmt: skip

    def without_tools_system(self, place: Place, name: str, configured: str) -> None:
        """The tools name no operating system: the configuration file's stands in."""
        self._add(
            "tools-system-absent", Severity.NOTE, place, configured, "",
            f"{name} 的 VMware Tools 未报告操作系统,按配置文件“{configured}”计",
            f"the tools of {name} name no operating system; the configuration file's, {configured!r}, is used",
        )  # fmt: skip

    def _add(self, code: str, severity: Severity, place: Place, found: str, expected: str, zh: str, en: str) -> None:
        self.findings.append(Finding(f"takeover.room.{code}", severity, place, found, expected, zh, en))
