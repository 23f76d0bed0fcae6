"""A project, a list, a contract and an attachment by the commands a person types, each under the duty it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CODING = """
coding:
  project: P-HRSS-2026-02
  project_code: 2026-002
  owner: finance
  officer: zhou.na
  lines:
    - {fund: 一般公共预算, source_code: "01", subject_code: "30213"}
    - {fund: 就业补助资金, source_code: "02", subject_code: "31002"}
"""
AMENDMENT = """
amendment:
  contract: C-2026-01
  document_number: 市政数合〔2026〕9号
  end_day: 2029-01-01
  ceiling_yuan: "40000000.00"
  lines:
    - {number: 1, zh: 资源服务, en: Resource services, kind: resource, amount_yuan: "30000000.00"}
  reason: 资源需求增长
"""


@pytest.fixture
def do(in_process: Callable[..., int], home: Any, capfd: Any) -> Callable[..., str]:
    """Type a line as an account under a duty; what it said."""

    tokens: dict[tuple[str, str], str] = {}

    def typed(account: str, duty: str, *words: object, code: int = 0) -> str:
        if (account, duty) not in tokens:
            tokens[account, duty] = home.log_in(account, duty)
        kept = {"account": account, "token": tokens[account, duty]}
        home.session.write_text(json.dumps(kept), encoding="utf-8")
        assert in_process(*words) == code, capfd.readouterr().err
        shown = capfd.readouterr()
        said: str = shown.out if code == 0 else shown.err
        return said

    return typed


def digest_in(said: str) -> str:
    return re.findall(r"[0-9a-f]{64}", said)[-1]


def test_a_project_is_stated_reviewed_approved_coded_and_purchased(do: Callable[..., str], tmp_path: Path) -> None:
    do("zhang.min", "draft", "contract", "record", EXAMPLES / "contract.yaml")
    digest = digest_in(do("chen.jing", "request", "project", "state", EXAMPLES / "project.yaml"))
    project = "P-HRSS-2026-02"
    do("zhang.min", "review", "project", "review", project, "--digest", digest, "--opinion", "可行")
    number = ("--document-number", "市政数立〔2026〕7号")
    do("li.qiang", "approve", "project", "approve", project, "--digest", digest, *number)
    bought = ("project", "purchase", project, "--digest", digest, "--contract", "C-2026-01")
    assert "coding-unsigned" in do("zhang.min", "draft", *bought, code=5)
    (tmp_path / "coding.yaml").write_text(CODING, encoding="utf-8")
    coding = digest_in(do("chen.jing", "request", "project", "coding", "draft", tmp_path / "coding.yaml"))
    do("zhou.na", "review", "project", "coding", "sign", project, "--digest", coding)
    do("zhang.min", "draft", *bought)
    shown = json.loads(do("yang.li", "request", "project", "show", project, "--json"))
    assert (shown["state"], shown["version"]) == ("purchased", 4)
    assert len(json.loads(do("chen.jing", "request", "project", "history", project, "--json"))) == 4
    differing = json.loads(do("chen.jing", "request", "project", "diff", project, "1", "3", "--json"))
    assert "document_number" in {each["field"] for each in differing}


def test_lists_are_published_cited_and_appealed_against(do: Callable[..., str]) -> None:
    drafted = do("zhang.min", "draft", "list", "draft", EXAMPLES / "lists.yaml")
    digests = dict(zip(re.findall(r"已起草 (\S+),", drafted), re.findall(r"摘要 ([0-9a-f]{64})", drafted), strict=True))
    assert len(digests) == 5
    for name, digest in digests.items():
        do("li.qiang", "publish", "list", "publish", name, "--digest", digest)
    assert do("huang.tao", "confirm", "list", "show", "negative-2026", "--json")
    entries = json.loads(do("huang.tao", "confirm", "list", "show", "negative-2026", "--json"))
    assert entries[0]["cite"].startswith("《政务云负面清单》(市政数〔2026〕7号)第 1 条")
    assert len(json.loads(do("huang.tao", "confirm", "list", "show", "--json"))) == 5
    in_force = json.loads(do("huang.tao", "confirm", "list", "in-force", "negative", "--json"))
    assert [each["number"] for each in in_force] == [1, 2, 3]
    appeal = ("list", "appeal", "file", "red-black-2026", "2", "--words", "已清退")
    assert "appeal-unfit" in do("huang.tao", "confirm", *appeal, code=2)  # it begins in April
    assert json.loads(do("huang.tao", "confirm", "list", "appeal", "list", "--json")) == []


def test_a_contract_is_amended_by_two_and_its_lines_are_shown(do: Callable[..., str], tmp_path: Path) -> None:
    do("zhang.min", "draft", "contract", "record", EXAMPLES / "contract.yaml")
    (tmp_path / "amendment.yaml").write_text(AMENDMENT, encoding="utf-8")
    digest = digest_in(do("zhang.min", "draft", "contract", "amend", tmp_path / "amendment.yaml"))
    do("li.qiang", "approve", "contract", "sign", "C-2026-01", "--digest", digest)
    rows = json.loads(do("zhang.min", "draft", "contract", "lines", "C-2026-01", "--json"))
    assert [row["amount"] for row in rows] == [3_000_000_000, 4_000_000_000]
    versions = json.loads(do("zhang.min", "draft", "contract", "history", "C-2026-01", "--json"))
    assert [each["version"] for each in versions] == [1, 2]
    assert "not-found" in do("chen.jing", "request", "contract", "lines", "C-2026-01", code=2)


def test_a_file_is_attached_read_by_its_party_and_swept_around(do: Callable[..., str], tmp_path: Path) -> None:
    do("zhang.min", "draft", "contract", "record", EXAMPLES / "contract.yaml")
    file = tmp_path / "方案.txt"
    file.write_text("方案", encoding="utf-8")
    subject = ("--to", "project:P-HRSS-2026-01")
    digest = digest_in(do("chen.jing", "request", "attachment", "add", file, *subject))
    assert "not-found" in do("yang.li", "request", "attachment", "add", file, *subject, code=2)
    assert json.loads(do("yang.li", "request", "attachment", "list", "--json")) == []
    written = tmp_path / "back.txt"
    do("liu.yang", "confirm", "attachment", "download", digest, written)
    assert written.read_text(encoding="utf-8") == "方案"
    assert "not-found" in do("yang.li", "request", "attachment", "download", digest, tmp_path / "no.txt", code=2)
    do("zhang.min", "draft", "attachment", "sweep")
    assert json.loads(do("zhang.min", "draft", "attachment", "check", "--json")) == []
