"""What the story of a city leaves empty, for both agencies alike: attachments, appeals, quotas, addresses, datasets…"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from foundation.documents import BlobStore
from foundation.store import Scope, Transaction
from governance.attachments import add_attachment
from governance.authority import machine_scope, viewing
from governance.lists import DraftEntry, ListDraft, ListKind, Matches, Standing, draft_list, file_appeal, publish_list
from governance.projects import AccountCoding, CodingLine, draft_coding, project_of, state_project, systems
from governance.projects.shares import funds_of
from infra.drift import Change, Finding, Look, LookOutcome, Seen, TrailState, Who
from infra.drift.tables import insert_findings, insert_look
from infra.guardrails import ExemptionWish, ask_exemption
from tenants.addresses import import_networks, publish_pools, read_networks, read_pools, reserve_block
from tenants.datasets import DataItem, Description, Sharing, compile_datasets, count_holdings
from tenants.grants import Offer, Wish, ask_grant
from tenants.quotas import draft_quotas, publish_quotas, read_quotas
from tenants.register import Correction, propose_correction, register_at
from wiring.guardrails import agency_of

if TYPE_CHECKING:
    from tests.promises.city import City

SHARED = "两个单位各自附上的同一份文件\n".encode()
"""A content that both agencies attach: it lies there once, and neither knows of the other."""
NETWORKS = {"hrss": "172.16.8.0/24", "housing": "172.16.9.0/24"}
POOLS = """
id: A-2026-01
basis: 市政数〔2026〕7号
pools:
  - {id: pool-2, zone: internet, protection: level-2, cidr: 10.128.0.0/20, rest_days: 30}
"""
QUOTAS = """
id: Q-2026-01
basis: 市政数〔2026〕7号
first_day: 2026-04-01
quotas:
  - {limits: {vcpu: 4000}}
  - {agency: hrss, limits: {vcpu: 2003, count.instance: 803}}
  - {agency: housing, limits: {vcpu: 1507, count.instance: 607}}
"""
AGENCIES = ("hrss", "housing")


def fill(city: City) -> None:
    """Everything, in the order in which one thing rests on another."""
    blobs = blobs_of(city)
    for agency in AGENCIES:
        for content in (SHARED, content_of(agency)):
            name = "common.txt" if content is SHARED else f"plan-of-{agency}.txt"
            subject = f"need:NEED-OF-{agency}"
            add_attachment(
                city.office, city.token(f"{agency}-1"), blobs, subject=subject, name=name, content=content, exists=there
            )
    _lists(city)
    _plans(city)
    for agency in AGENCIES:
        _projects(city, agency)
        _data(city, agency)
        _correct(city, agency)
        _exempt(city, agency)
        _drift(city, agency)


def blobs_of(city: City) -> BlobStore:
    """Where a city's attachments lie."""
    return BlobStore(city.folder / "attachments")


def content_of(agency: str) -> bytes:
    """What the agency alone attaches."""
    return f"内容-of-{agency}\n".encode()


def there(transaction: Transaction, scope: Scope, subject: str) -> None:
    """Every subject is there."""


def _lists(city: City) -> None:
    since = city.now()
    entries = tuple(
        DraftEntry(
            number, f"第{number}条", f"no. {number}", Matches(), standing=Standing.BLACK, party=agency, reason="x"
        )
        for number, agency in enumerate(AGENCIES, 1)
    )
    draft = ListDraft(
        *("standing", ListKind.RED_BLACK, "红黑名单", "Red and black list", "bureau", "市政数〔2026〕9号"),
        since=since,
        until=None,
        entries=entries,
        appeal_working_days=10,
    )
    drafted = draft_list(city.office, city.token("bureau-1"), draft)
    publish_list(city.office, city.token("bureau-2"), draft.id, digest=drafted.digest)
    for number, agency in enumerate(AGENCIES, 1):
        file_appeal(city.office, city.token(f"{agency}-1"), "standing", number, words=f"appeal-of-{agency}")


def _plans(city: City) -> None:
    operator, bureau, second = (city.token(name) for name in ("operator-1", "bureau-1", "bureau-2"))
    with TemporaryDirectory() as folder:
        pools, findings = read_pools(_file(folder, "pools.yaml", POOLS))
        assert pools is not None, findings
        limits, findings = read_quotas(_file(folder, "quotas.yaml", QUOTAS))
        assert limits is not None, findings
    publish_pools(city.office, bureau, pools)
    draft_quotas(city.office, bureau, limits)
    publish_quotas(city.office, second, limits.id)
    for agency in AGENCIES:
        text = f"网段,用途,单位,机房\n{NETWORKS[agency]},net-of-{agency},{agency},site-of-{agency}\n"
        with TemporaryDirectory() as folder:
            found, findings = read_networks(_file(folder, "networks.csv", text))
        import_networks(city.office, operator, found, findings, file="networks.csv")
        until = city.now() + timedelta(days=90)
        reserve_block(city.office, operator, f"kept-for-{agency}", pool="pool-2", prefix=26, until=until, agency=agency)


def _projects(city: City, agency: str) -> None:
    """A coding that waits for its signature, and a change that waits for its review."""
    from tests.promises.city import SPECS

    token, id_ = city.token(f"{agency}-1"), SPECS[agency].project
    with viewing(city.office, token) as view:
        standing = project_of(view.transaction, view.scope, id_)
    lines = tuple(CodingLine(fund.name, "01", "30213") for fund in funds_of(standing))
    draft_coding(city.office, token, AccountCoding(id_, f"code-of-{agency}", "finance", "finance-1", lines))
    state_project(city.office, token, replace(standing, en=f"changed-by-{agency}"))


def _data(city: City, agency: str) -> None:
    """A dataset on its way into the directory, and support that waits for its decision."""
    token, now = city.token(f"{agency}-1"), city.now()
    with viewing(city.office, token) as view:
        system = systems(view.transaction, view.scope)[0].id
    item = DataItem("code", f"项-of-{agency}", "Code", "文本", personal=False)
    described = Description(
        id=f"data-of-{agency}",
        zh=f"数据-of-{agency}",
        en="Data",
        system=system,
        subject_area="城市",
        update_cycle="每日",
        sharing=Sharing.CONDITIONAL,
        basis="第十条",
        plan="query-standard",
        items=(item,),
    )
    compile_datasets(city.office, token, [described])
    count_holdings(city.office, token, {"hrss": 7001, "housing": 9001}[agency])
    ending = now + timedelta(days=365)
    purpose = f"purpose-of-{agency}"
    wish = Wish(Offer.SUPPORT, "e-licence-standard", system, purpose, "第二十六条", (), 0, 500, now, ending)
    ask_grant(city.office, token, wish)


def _correct(city: City, agency: str) -> None:
    with city.store.reading() as transaction:
        lines = register_at(transaction, machine_scope(), city.now())
    number = min(line.number for line in lines if line.entry.agency == agency)
    correction = Correction(f"K-{agency}", number, {"plan": "general-1c2g"}, f"reason-of-{agency}")
    propose_correction(city.office, city.token("operator-1"), correction)


def _exempt(city: City, agency: str) -> None:
    from tests.promises.city import SPECS

    wish = ExemptionWish("GR-ENC-002", "Volume/web-1-data", f"exemption-of-{agency}", city.now() + timedelta(days=30))
    token, environment = city.token(f"{agency}-1"), SPECS[agency].environment
    ask_exemption(city.office, token, environment, wish, agency_of=agency_of)


def _drift(city: City, agency: str) -> None:
    """What a look of the night before put on record: the city's cloud is a stand-in that nobody changes by hand."""
    from tests.promises.city import SPECS

    now, environment = city.office.clocks.real(), SPECS[agency].environment
    seen = Seen(
        *(Change.CHANGED, "Instance", "web-1", f"urn-of-{agency}", f"i-of-{agency}", "tags.owner"),
        found=f"owner-of-{agency}",
    )
    who = Who(TrailState.KNOWN, f"arn-of-{agency}", "CreateTags", "192.0.2.1", now)
    finding = Finding(f"drift-of-{agency}", environment, agency, seen, who, f"deployment-of-{agency}", now, now)
    looked = Look(
        f"look-of-{agency}", environment, agency, finding.deployment, LookOutcome.FAILED, now, now, zh="无", en="none"
    )
    with city.store.transaction() as transaction:
        insert_findings(transaction, [finding])
        insert_look(transaction, looked)


def _file(folder: str, name: str, text: str) -> Path:
    file = Path(folder) / name
    file.write_text(text, encoding="utf-8")
    return file
