"""What the provider refuses or passes on.

ProviderError
├── NotConfigured
├── UnknownKind
├── WrongProperty
├── MissingProperty
├── NoWork
├── CloudRefused
│   ├── CredentialsRefused
│   ├── QuotaReached
│   └── CloudBroken
├── UnsupportedHere
├── AnswerLost
├── CloudSilent
├── NotFound
├── AlreadyThere
├── Forsaken
├── Unadoptable
└── TookTooLong
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class ProviderError(GuanyunError):
    """Base of every refusal of the provider."""

    code = "provider.error"


class NotConfigured(ProviderError):
    """The provider's process lacks a setting: ``variable``."""

    code = "provider.not-configured"
    exit_status = 2
    zh = "资源插件缺少环境变量 {variable}"
    en = "the provider's process lacks the environment variable {variable}"


class UnknownKind(ProviderError):
    """No spec is registered for a resource type: ``kind``."""

    code = "provider.unknown-kind"
    exit_status = 2
    zh = "没有这种资源:{kind}"
    en = "there is no resource kind {kind}"


class WrongProperty(ProviderError):
    """A program gave, or asked for, a property that the kind has not: ``kind``, ``property``."""

    code = "provider.wrong-property"
    exit_status = 2
    zh = "{kind} 没有属性 {property}"
    en = "{kind} has no property {property}"


class MissingProperty(ProviderError):
    """A program left out what the kind requires: ``kind``, ``property``."""

    code = "provider.missing-property"
    exit_status = 2
    zh = "{kind} 缺少属性 {property}"
    en = "{kind} lacks its property {property}"


class NoWork(ProviderError):
    """Nothing may be done for an environment: none of its engines runs, or it has died: ``environment``."""

    code = "provider.no-work"
    zh = "环境 {environment} 当前没有部署在进行,不再为它发起任何操作"
    en = "no deployment of environment {environment} is under way; nothing more is started for it"


class CloudRefused(ProviderError):
    """The cloud answered with an error: ``operation``, ``reason`` (its code), ``message``."""

    code = "provider.cloud-refused"
    zh = "云拒绝了 {operation}:{reason} {message}"
    en = "the cloud refused {operation}: {reason} {message}"

    @property
    def reason(self) -> str:
        """The cloud's own error code."""
        return str(self.facts["reason"])


class CredentialsRefused(CloudRefused):
    """The credentials are missing, expired or not accepted: ``operation``, ``reason``, ``message``."""

    code = "provider.credentials-refused"
    exit_status = 3
    zh = "云凭证缺失、已过期或不被接受({operation}:{reason})。请更新凭证后重新运行;未完成的部署会继续。{message}"
    en = (
        "the cloud's credentials are missing, expired or not accepted ({operation}: {reason}); "
        "renew them and run again, the deployment goes on where it stopped. {message}"
    )


class QuotaReached(CloudRefused):
    """The cloud gives no more of it: ``operation``, ``reason``, ``message``."""

    code = "provider.quota-reached"
    exit_status = 3
    zh = "云上配额已用尽({operation}:{reason})。请提高配额或释放资源后重新运行;未完成的部署会继续。{message}"
    en = (
        "a quota of the cloud is used up ({operation}: {reason}); have it raised or give something back and run again, "
        "the deployment goes on where it stopped. {message}"
    )


class CloudBroken(CloudRefused):
    """The cloud answered with a fault of its own, or "not now", for as long as it was asked."""

    code = "provider.cloud-broken"
    exit_status = 4
    zh = "云接口持续出错或繁忙({operation}:{reason} {message});稍后重新运行,未完成的部署会继续"
    en = (
        "the cloud's API kept failing or was busy ({operation}: {reason} {message}); run again later, "
        "the deployment goes on where it stopped"
    )


class UnsupportedHere(ProviderError):
    """This cloud lacks an operation: ``kind`` (or service), ``operation``."""

    code = "provider.unsupported-here"
    exit_status = 3
    zh = "此云不支持 {kind} 的操作 {operation}"
    en = "unsupported here: this cloud lacks {operation} of {kind}"


class AnswerLost(ProviderError):
    """A request was sent, and whether it was carried out is not known: ``operation``, ``message``."""

    code = "provider.answer-lost"
    zh = "{operation} 已发出,但没有收到答复:{message}"
    en = "{operation} was sent, but its answer was lost: {message}"


class CloudSilent(ProviderError):
    """The cloud's API could not be reached: ``operation``, ``message``."""

    code = "provider.cloud-silent"
    exit_status = 4
    zh = "无法访问云接口({operation}):{message}"
    en = "the cloud's API cannot be reached ({operation}): {message}"


class NotFound(ProviderError):
    """A resource that should be there is not: ``kind``, ``id``."""

    code = "provider.not-found"
    zh = "云上没有 {kind} {id}"
    en = "the cloud has no {kind} {id}"


class AlreadyThere(ProviderError):
    """A name is taken by something that is not this deployment's: ``kind``, ``id``."""

    code = "provider.already-there"
    zh = "{kind} {id} 已存在,且不属于本次部署"
    en = "{kind} {id} exists already and is not this deployment's"


class Forsaken(ProviderError):
    """A new resource could not be completed, nor taken back: ``kind``, ``id``, ``reason``."""

    code = "provider.forsaken"
    zh = "{kind} {id} 已创建但未完成({reason}),且无法撤销;重新部署时会接管它"
    en = "{kind} {id} was made but not completed ({reason}), and could not be taken back; the next run adopts it"


class Unadoptable(ProviderError):
    """What exists differs in what only another resource can have: ``kind``, ``id``, ``properties``."""

    code = "provider.unadoptable"
    exit_status = 3
    zh = "{kind} {id} 不能纳入:{properties} 与环境说明不同且不可就地修改"
    en = "{kind} {id} cannot be adopted: {properties} differs from the spec and cannot be changed in place"


class TookTooLong(ProviderError):
    """A resource did not reach a state in time: ``kind``, ``id``, ``wanted``."""

    code = "provider.took-too-long"
    zh = "{kind} {id} 未在时限内达到状态:{wanted}"
    en = "{kind} {id} did not become {wanted} in time"
