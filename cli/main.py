"""The ``guanyun`` program: nouns, then verbs."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

from cyclopts import App

if TYPE_CHECKING:
    from foundation.values.errors import GuanyunError

HELP = """管运 Guanyun: one shared cloud for all departments of a government.

多部门共用一朵政务云:管理与运行分离,账单自证。

Example 示例:

    guanyun demo run               # one month, end to end 完整的一个月
    guanyun login zhang.min        # then 然后: guanyun request list
    guanyun verify statement.pack --handed-out DIR --keys DIR
"""

app = App(
    name="guanyun",
    help=HELP,
    help_format="plaintext",
    version=lambda: _version(),  # noqa: PLW0108 - defined below
    suppress_keyboard_interrupt=False,
)

NOUNS = {
    "login": ("cli.commands.session:login", "Log in; the token expires 登录"),
    "logout": ("cli.commands.session:logout", "End the login 退出登录"),
    "whoami": ("cli.commands.session:whoami", "Show who is logged in 我是谁"),
    "password": ("cli.commands.password:app", "Passwords, codes, locks 口令、动态口令、锁定"),
    "token": ("cli.commands.token:app", "API tokens 接口令牌"),
    "ceremony": ("cli.commands.ceremony:app", "The first run, by three persons 首次运行仪式"),
    "demo": ("cli.commands.demo:app", "Make and run the demo 演示"),
    "database": ("cli.commands.database:app", "Create or upgrade the record database 数据库"),
    "up": ("cli.commands.up:up", "Start this machine's processes 启动本机进程"),
    "status": ("cli.commands.up:status", "Show this machine's processes 本机进程状态"),
    "down": ("cli.commands.up:down", "Stop this machine's processes 停止本机进程"),
    "doctor": ("cli.commands.doctor:doctor", "Say what is wrong and what to do 诊断"),
    "worker": ("cli.commands.worker:worker", "The process that works 执行进程"),
    "portal": ("portal.serving:portal", "The process people's browsers ask 门户进程"),
    "work": ("cli.commands.work:app", "Runs: see, follow, decide 任务"),
    "due": ("cli.commands.due:app", "Rules that say when 定时工作"),
    "outbox": ("cli.commands.outbox:app", "Events and dead letters 事件与死信"),
    "calendar": ("cli.commands.calendar:app", "The working calendar 工作日历"),
    "clock": ("cli.commands.clock:app", "Show or set a demo's business clock 业务时间"),
    "sandbox": ("cli.commands.sandbox:app", "The AWS API on loopback 本机沙箱云"),
    "party": ("cli.commands.party:app", "Parties, leaders, reorganisation 单位与机构改革"),
    "person": ("cli.commands.person:app", "Persons, memberships, accounts 自然人与任职"),
    "delegation": ("cli.commands.delegation:app", "Delegation of duties 授权代行"),
    "whocan": ("cli.commands.whocan:whocan", "Who may do what to a thing 谁可办理"),
    "why": ("cli.commands.why:why", "Explain a decision 解释决定"),
    "breakglass": ("cli.commands.breakglass:app", "Break-glass grants 应急授权"),
    "project": ("cli.commands.project:app", "Projects from need to evaluation 项目立项"),
    "system": ("cli.commands.system:app", "Business systems 业务系统"),
    "contract": ("cli.commands.contract:app", "Service contracts and their lines 服务合同"),
    "list": ("cli.commands.list:app", "Lists and appeals 清单与申诉"),
    "attachment": ("cli.commands.attachment:app", "Attached files 附件"),
    "catalogue": ("cli.commands.catalogue:app", "Services, plans, meters 服务目录"),
    "price": ("cli.commands.price:app", "Price versions 价格版本"),
    "room": ("cli.commands.room:app", "Machine rooms taken over 机房接管"),
    "task": ("cli.commands.task:app", "What waits for you 待办"),
    "need": ("cli.commands.need:app", "Needs: questions, proposals, decisions 需求"),
    "round": ("cli.commands.round:app", "Rounds in which needs are collected 征集批次"),
    "request": ("cli.commands.request:app", "Resource requests 资源申请"),
    "dataset": ("cli.commands.dataset:app", "Datasets and their directory 数据目录"),
    "grant": ("cli.commands.grant:app", "Use of datasets and application support 数据与应用支撑授权"),
    "env": ("cli.commands.env:app", "Tenant environments 租户环境"),
    "plan": ("cli.commands.plan:app", "Deployment plans 部署计划"),
    "apply": ("cli.commands.apply:apply", "Run an environment's plan to its end 部署"),
    "landing-zone": ("cli.commands.landing_zone:app", "The landing zone and its regions 着陆区与纳管区域"),
    "fleet": ("cli.commands.fleet:app", "One action over many environments 批量作业"),
    "drift": ("cli.commands.drift:app", "Drift: changes made by hand 漂移"),
    "guardrail": ("cli.commands.guardrail:app", "Guardrails and exemptions 护栏与豁免"),
    "quota": ("cli.commands.quota:app", "Quotas and what is used of them 配额"),
    "budget": ("cli.commands.budget:app", "Budgets by fund source and project 预算"),
    "address": ("cli.commands.address:app", "The address plan 地址规划"),
    "register": ("cli.commands.register:app", "What exists for whom 资源台账"),
    "runbook": ("cli.commands.runbook:app", "Runbooks 运维手册"),
    "usage": ("cli.commands.usage:app", "Usage records and day close 计量"),
    "evidence": ("cli.commands.evidence:app", "Probe logs and SLI minutes 可用性证据"),
    "item": ("cli.commands.item:app", "Service and outcome items 服务项与成果项"),
    "grade": ("cli.commands.grade:app", "The month's assessment grade 考核评分"),
    "statement": ("cli.commands.statement:app", "Usage statements 使用确认单"),
    "settlement": ("cli.commands.settlement:app", "Settlements 结算单"),
    "audit": ("cli.commands.audit:app", "The audit log 审计日志"),
    "verify": ("cli.commands.verify:verify", "Recompute a pack, or check the live records 验证"),
    "--install-completion": ("cli.commands.completion:install", "Complete commands in your shell 安装补全"),
}
for _name, (_path, _help) in NOUNS.items():
    app.command(_path, name=_name, help=_help)


def main() -> None:
    """Run the program; expected failures end with their own exit code and no traceback."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _nobody_reads()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line in this process; returns the exit code."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        from cli.output import print_interrupted

        print_interrupted()
        return 130
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # rich's way of saying so
            return _nobody_reads()
        raise


def _run(arguments: list[str]) -> int:
    from foundation.values.errors import GuanyunError

    try:
        result = app(arguments, result_action="return_value", exit_on_error=False, print_error=False)
    except GuanyunError as error:
        return _tell(error)
    except Exception as error:
        from cyclopts import CycloptsError

        from cli.failures import in_words, wrong_words
        from cli.output import report_defect

        if isinstance(error, CycloptsError):
            return _tell(wrong_words(error))
        if isinstance(error, BrokenPipeError) and _output_is_closed():
            raise
        expected = in_words(error)
        return report_defect(error) if expected is None else _tell(expected)
    return result if isinstance(result, int) else 0


def _tell(error: GuanyunError) -> int:
    from cli.output import print_error

    print_error(error)
    return error.exit_status


def _output_is_closed() -> bool:
    """Whether the reader of our output has gone; a pipe to some other program may break too, and that is a defect."""
    closed = select.poll()
    for descriptor in (1, 2):
        closed.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in closed.poll(0))


def _nobody_reads() -> int:
    """As in ``guanyun … | head``: be quiet, and end as a program that the closed pipe ended."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nothing, descriptor)
    return 141


def _version() -> str:
    from importlib.metadata import version

    return version("guanyun")
