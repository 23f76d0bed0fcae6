"""Writes ``room.xlsx``: the example machine room, twelve machines of two agencies, in RVTools' format.

Run ``python examples/make_room.py [FILE]``; the same script always writes the same bytes.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

DATACENTER = "市级政务机房"
KYLIN = "Kylin Linux Advanced Server V10 (64-bit)"
EULER = "openEuler 22.03 LTS (64-bit)"
OTHER = "Other 4.x Linux (64-bit)"

# name, state, template, CPUs, memory MiB, provisioned MiB, host, cluster, OS by configuration, OS by tools, address
MACHINES = (
    ("sb-web-01", "poweredOn", False, 2, 4096, 81920, "jf-host-01", "生产集群", KYLIN, KYLIN, "172.16.10.11"),
    ("sb-web-02", "poweredOn", False, 2, 4096, 81920, "jf-host-02", "生产集群", KYLIN, KYLIN, "172.16.10.12"),
    ("sb-app-01", "poweredOn", False, 4, 8192, 163840, "jf-host-01", "生产集群", KYLIN, KYLIN, "172.16.10.21"),
    ("社保数据库-01", "poweredOn", False, 8, 32768, 614400, "jf-host-02", "生产集群", KYLIN, KYLIN, "172.16.10.31"),
    ("jy-app-01", "poweredOn", False, 4, 8192, 122880, "jf-host-01", "生产集群", EULER, EULER, "172.16.11.21"),
    ("jy-db-01", "poweredOn", False, 4, 16384, 307200, "jf-host-03", "生产集群", EULER, EULER, "172.16.11.31"),
    ("gjj-web-01", "poweredOn", False, 2, 4096, 81920, "jf-host-03", "生产集群", KYLIN, KYLIN, "172.16.20.11"),
    ("gjj-app-01", "poweredOn", False, 4, 8192, 163840, "jf-host-02", "生产集群", KYLIN, KYLIN, "172.16.20.21"),
    ("gjj-db-01", "poweredOn", False, 8, 32768, 512000, "jf-host-03", "生产集群", OTHER, "", "172.16.20.31"),
    ("fw-app-01", "poweredOn", False, 2, 8192, 122880, "jf-host-01", "生产集群", EULER, EULER, "172.16.21.21"),
    ("gjj-test-01", "poweredOff", False, 2, 4096, 61440, "jf-host-03", "测试集群", KYLIN, KYLIN, ""),
    ("tpl-kylin-v10", "poweredOff", True, 2, 4096, 40960, "jf-host-03", "测试集群", KYLIN, "", ""),
)
# machine, disk, capacity MiB; gjj-db-01 runs no tools, so nothing knows its partitions
PARTITIONS = (
    ("sb-web-01", "/", 40960), ("sb-web-01", "/var", 20480), ("sb-web-02", "/", 40960), ("sb-web-02", "/var", 20480),
    ("sb-app-01", "/", 51200), ("sb-app-01", "/opt", 102400),
    ("社保数据库-01", "/", 51200), ("社保数据库-01", "/data", 512000),
    ("jy-app-01", "/", 51200), ("jy-app-01", "/opt", 61440),
    ("jy-db-01", "/", 51200), ("jy-db-01", "/data", 204900),
    ("gjj-web-01", "/", 40960), ("gjj-web-01", "/var", 20480),
    ("gjj-app-01", "/", 51200), ("gjj-app-01", "/opt", 102400),
    ("fw-app-01", "/", 51200), ("fw-app-01", "/opt", 61440),
    ("gjj-test-01", "/", 51200), ("tpl-kylin-v10", "/", 36864),
)  # fmt: skip
# host, cluster, cores, memory MiB, vendor, model, service tag
HOSTS = (
    ("jf-host-01", "生产集群", 32, 262144, "华为", "TaiShan 200", "2102313CDE0001"),
    ("jf-host-02", "生产集群", 32, 262144, "华为", "TaiShan 200", "2102313CDE0002"),
    ("jf-host-03", "生产集群", 48, 393216, "浪潮", "NF5280M6", "219912345678"),
)


def machine_uuid(number: int) -> str:
    """A made-up identity that is the same in every run."""
    return f"42000000-0000-4000-8000-{number:012d}"


def sheets() -> dict[str, list[tuple[object, ...]]]:
    """Every sheet as rows, the header first."""
    info: list[tuple[object, ...]] = [
        (
            "VM", "Powerstate", "Template", "DNS Name", "CPUs", "Memory", "NICs", "Disks", "Provisioned MiB",
            "Datacenter", "Cluster", "Host", "OS according to the configuration file",
            "OS according to the VMware Tools", "VM UUID",
        )
    ]  # fmt: skip
    network: list[tuple[object, ...]] = [("VM", "NIC label", "Network", "Connected", "IPv4 Address", "IPv6 Address")]
    tools: list[tuple[object, ...]] = [("VM", "Tools")]
    partition: list[tuple[object, ...]] = [("VM", "Disk", "Capacity MiB")]
    host: list[tuple[object, ...]] = [
        ("Host", "Datacenter", "Cluster", "# Cores", "# Memory", "Vendor", "Model", "Service tag")
    ]
    for number, (name, state, template, cpus, memory, provisioned, on, cluster, configured, seen, address) in enumerate(
        MACHINES, start=1
    ):
        dns_name = f"{name}.example" if name.isascii() and not template else ""
        info.append(
            (
                name, state, str(template), dns_name, cpus, memory, 1, 1, provisioned,
                DATACENTER, cluster, on, configured, seen, machine_uuid(number),
            )
        )  # fmt: skip
        tools.append((name, "toolsOk" if seen else "toolsNotInstalled"))
        if address:
            network.append((name, "Network adapter 1", "政务外网-业务", "True", address, ""))
    partition.extend(PARTITIONS)
    host.extend((name, DATACENTER, *rest) for name, *rest in HOSTS)
    clusters: list[tuple[object, ...]] = [("Name", "NumHosts"), ("生产集群", 3), ("测试集群", 0)]
    return {
        "vInfo": info,
        "vPartition": partition,
        "vNetwork": network,
        "vTools": tools,
        "vHost": host,
        "vCluster": clusters,
    }


def write(path: Path) -> None:
    """Write the workbook; its properties carry a fixed date so that the bytes never change."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": "示例机房", "created": datetime(2026, 2, 1, tzinfo=UTC)})
        for name, rows in sheets().items():
            sheet = book.add_worksheet(name)
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("room.xlsx"))
