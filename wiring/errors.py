"""What can be wrong with the installation itself.

WiringError
├── NoInstallation     nothing was set up in this home
├── ExampleMissing     a file of the examples is not there
├── IdentityKeyMissing the key of the identity hashes is not there
├── KeyUnusable        a key or secret of logins cannot be read
├── NoCloud            neither a configured cloud nor a running sandbox
└── NoticesInvalid     findings in notices.yaml
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class WiringError(GuanyunError):
    """Base of this package's errors."""

    code = "wiring.error"
    exit_status = 2


class NoInstallation(WiringError):
    """``home`` holds no database."""

    code = "wiring.no-installation"
    zh = "{home} 里还没有管运:先运行 guanyun demo init,或用 GUANYUN_HOME 指到已有的目录"
    en = "there is no Guanyun in {home}: run guanyun demo init, or point GUANYUN_HOME at the right folder"


class ExampleMissing(WiringError):
    """``path`` was expected among the examples."""

    code = "wiring.example-missing"
    zh = "缺少示例文件 {path}"
    en = "the example file {path} is missing"


class IdentityKeyMissing(WiringError):
    """``path`` holds no key: without it nobody on record can be known again."""

    code = "wiring.identity-key-missing"
    zh = "缺少身份散列密钥 {path}:请从保管处恢复,不得另造"
    en = "the key of the identity hashes {path} is missing: restore it from where it is kept, never make another"


class KeyUnusable(WiringError):
    """The file at ``path`` cannot be used, for ``reason``."""

    code = "wiring.key-unusable"
    exit_status = 4
    zh = "登录所需的密钥文件 {path} 不能用:{reason}"
    en = "the key file {path} that logins need cannot be used: {reason}"


class NoCloud(WiringError):
    """Neither a cloud was configured nor does the sandbox run."""

    code = "wiring.no-cloud"
    exit_status = 4
    zh = "没有可用的云:请先运行 guanyun sandbox up,或设定 GUANYUN_AWS_ENDPOINT"
    en = "there is no cloud to talk to: run guanyun sandbox up, or set GUANYUN_AWS_ENDPOINT"


class NoticesInvalid(WiringError):
    """``file`` has ``count`` ``findings``."""

    code = "wiring.notices-invalid"
    zh = "{file} 有 {count} 处问题,通知未发出"
    en = "{file} has {count} findings; no notice goes out"
