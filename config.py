"""Every setting of the product, typed, read once from the environment.

The table of settings in docs/operations.md is written from these fields; a test keeps the two equal. Settings that
would be dangerous in production are refused when the process starts, with a sentence that says which and why.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "for development on one machine only, never for production"
REAL_WECHAT_API = "https://api.weixin.qq.com"
SANDBOX_APPID = "wx0000anju0sandbox"
SANDBOX_SECRET = "sandbox-secret-that-opens-nothing"
SANDBOX_PUSH_TOKEN = "sandboxpushtoken"
SANDBOX_PUSH_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
REAL_WECHAT_PAY = "https://api.mch.weixin.qq.com"
SANDBOX_MCH_ID = "1900000100"
SANDBOX_PAY_KEY = "sandboxpaykeythatopensnothing123"
SANDBOX_SUB_MERCHANTS = ("1900000201", "1900000202", "1900000203", "1900000204", "1900000205")
"""The companies of the demonstration, in the order in which it makes them."""
PAY_APIS = ("v2",)


class Environment(StrEnum):
    """Where the process runs; production refuses every convenience of the other two."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class UnsafeSettings(RuntimeError):
    """The settings would endanger residents' data or money; the process must not start.

    Not a ValueError: pydantic would wrap it and print the values, secrets among them.
    """


class Settings(BaseSettings):
    """All settings. Names in the environment are the upper-case field names."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Environment = Field(Environment.DEVELOPMENT, description="development、test 或 production")
    secret_key: str = Field(
        DEVELOPMENT_SECRET, repr=False, description="会话与签名密钥,生产环境至少 32 个字符"
    )
    personal_data_key: str = Field(
        "", repr=False, description="个人信息加密密钥(base64 的 32 字节),生产环境必填"
    )
    data_dir: Path = Field(Path("var"), description="SQLite 文件、照片和日志的目录")
    database_url: str = Field("", repr=False, description="数据库地址;空则用 DATA_DIR 下的 SQLite")
    redis_url: str = Field("", repr=False, description="限流计数的共享存储;生产环境必填")
    rate_limits: dict[str, str] = Field(
        default_factory=dict, description='调整限流,JSON,如 {"login": "120/minute"};没有写的照默认'
    )
    storage_url: str = Field(
        "", repr=False, description="照片存储:file:///目录 或 s3://key:secret@host:port/bucket?tls=1"
    )
    public_base_url: str = Field(
        "http://127.0.0.1:5000", description="外部访问本服务的地址(微信取图、二维码)"
    )
    port: int = Field(5000, description="网页服务端口")
    client_dir: Path = Field(
        Path("miniprogram/dist/build/h5"), description="手机页面(H5)生成在哪个目录,在 /m/ 提供;相对于项目目录"
    )
    trusted_proxies: int = Field(0, description="前面有几层可信反向代理;0 表示不采信 X-Forwarded-*")

    wechat_appid: str = Field(SANDBOX_APPID, description="小程序 AppID")
    wechat_secret: str = Field(SANDBOX_SECRET, repr=False, description="小程序 AppSecret")
    wechat_api_base: str = Field(REAL_WECHAT_API, description="微信接口地址;开发时指向本机沙盒")
    wechat_push_token: str = Field(SANDBOX_PUSH_TOKEN, repr=False, description="消息推送 Token")
    wechat_push_aes_key: str = Field(
        SANDBOX_PUSH_AES_KEY, repr=False, description="消息推送 EncodingAESKey(43 位)"
    )
    wechat_pay_base: str = Field(REAL_WECHAT_PAY, description="微信支付接口地址;开发时指向本机沙盒")
    wechat_pay_mch_id: str = Field(
        SANDBOX_MCH_ID, description="微信支付服务商商户号;生产环境留空则不开通支付"
    )
    wechat_pay_key: str = Field(
        SANDBOX_PAY_KEY, repr=False, description="服务商 APIv2 密钥,32 位字母和数字,与商户平台一致"
    )
    wechat_pay_cert_file: str = Field("", description="服务商 API 证书文件(apiclient_cert.pem),退款用")
    wechat_pay_key_file: str = Field("", description="服务商 API 证书私钥文件(apiclient_key.pem),退款用")
    wechat_pay_api: str = Field("v2", description="新支付用的接口版本,目前只有 v2")
    wechat_templates: dict[str, str] = Field(
        default_factory=dict, description='订阅消息模板编号,JSON,如 {"order_done": "..."};空则用沙盒模板'
    )

    hotline_url: str = Field("", description="962121 热线接口地址;空则只进人工坐席队列")
    hotline_secret: str = Field("", repr=False, description="与热线约定的签名密钥")
    einvoice_url: str = Field("", description="电子发票服务地址;空则只能开纸质发票")
    einvoice_secret: str = Field("", repr=False, description="与电子发票服务约定的签名密钥")
    hotline_label: str = Field("962121", description="热线名称,也是居民拨打的号码;其他城市如 12345")
    gas_phone: str = Field("", description="燃气公司抢修电话,显示在安全提示卡上;空则请居民看燃气表上的号码")
    district_code: str = Field("110112", description="本部署所属区县的六位代码")
    log_level: str = Field("INFO", description="日志级别")

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Settings:
        problems = list(_problems(self))
        if problems:
            raise UnsafeSettings("启动被拒绝:" + ";".join(problems))
        return self

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def is_demonstration(self) -> bool:
        """Development with the sandbox in WeChat's place: people may sign in by a name from a list."""
        return not self.is_production and is_loopback(self.wechat_api_base)

    @property
    def pays(self) -> bool:
        """Whether residents can pay here; without a merchant number everything else works."""
        return bool(self.wechat_pay_mch_id)

    @property
    def clock_can_be_moved(self) -> bool:
        """Only a development or test instance may pretend that it is later than it is."""
        return not self.is_production

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'anju.db').resolve()}"

    @property
    def effective_storage_url(self) -> str:
        return self.storage_url or f"file://{(self.data_dir / 'media').resolve()}"

    @property
    def encryption_key(self) -> bytes:
        """32 bytes for AES-256-GCM; outside production derived from SECRET_KEY so that a demo needs no set-up."""
        if self.personal_data_key:
            return base64.b64decode(self.personal_data_key)
        return hashlib.sha256(b"personal-data:" + self.secret_key.encode()).digest()


def is_loopback(url: str) -> bool:
    """Whether the address names this machine and nothing else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _problems(settings: Settings):
    """Yield one Chinese sentence for each setting that must not be used."""
    yield from _address_problems(settings)
    if settings.personal_data_key and _key_length(settings.personal_data_key) != 32:
        yield "PERSONAL_DATA_KEY 必须是 32 字节的 base64,否则个人信息无法加密"
    if len(settings.wechat_push_aes_key) != 43:
        yield "WECHAT_PUSH_AES_KEY 必须是 43 个字符,与公众平台后台一致"
    if settings.pays:
        yield from _pay_problems(settings)
    if settings.is_production:
        yield from _production_problems(settings)
        yield from _production_pay_problems(settings)


def _key_length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except ValueError:
        return 0


def _address_problems(settings: Settings):
    addresses = {
        "WECHAT_API_BASE": settings.wechat_api_base,
        "WECHAT_PAY_BASE": settings.wechat_pay_base,
        "HOTLINE_URL": settings.hotline_url,
        "EINVOICE_URL": settings.einvoice_url,
    }
    for name, url in addresses.items():
        if url and urlsplit(url).scheme != "https" and not is_loopback(url):
            yield f"{name} 必须是 https 地址(或本机沙盒),现在会把数据明文发到网络上"
    storage = urlsplit(settings.storage_url)
    if storage.scheme == "s3" and "tls=0" in storage.query and not is_loopback(settings.storage_url):
        yield "STORAGE_URL 关闭了 TLS,照片会明文经过网络;去掉 tls=0"


def _production_problems(settings: Settings):
    if settings.secret_key == DEVELOPMENT_SECRET or len(settings.secret_key) < 32:
        yield "SECRET_KEY 未设置或太短,生产环境至少 32 个随机字符,否则登录可以被伪造"
    if not settings.personal_data_key:
        yield "PERSONAL_DATA_KEY 未设置,生产环境必须单独保管个人信息密钥"
    if settings.effective_database_url.startswith("sqlite"):
        yield "DATABASE_URL 不能是 SQLite,生产环境请用 MariaDB/MySQL(mysql+pymysql://…)"
    if not settings.redis_url:
        yield "REDIS_URL 未设置,多个进程之间的限流会失效"
    if is_loopback(settings.wechat_api_base):
        yield "WECHAT_API_BASE 指向本机沙盒,生产环境必须用真实微信接口"
    if settings.hotline_url and is_loopback(settings.hotline_url):
        yield "HOTLINE_URL 指向本机沙盒,生产环境必须用真实热线接口"
    if settings.einvoice_url and is_loopback(settings.einvoice_url):
        yield "EINVOICE_URL 指向本机沙盒,生产环境必须用真实电子发票服务"
    if settings.einvoice_url and len(settings.einvoice_secret) < 16:
        yield "EINVOICE_SECRET 太短,发票请求可以被伪造"
    if settings.hotline_url and len(settings.hotline_secret) < 16:
        yield "HOTLINE_SECRET 太短,热线消息可以被伪造"
    sandbox_values = (SANDBOX_APPID, SANDBOX_SECRET, SANDBOX_PUSH_TOKEN, SANDBOX_PUSH_AES_KEY)
    ours = (
        settings.wechat_appid,
        settings.wechat_secret,
        settings.wechat_push_token,
        settings.wechat_push_aes_key,
    )
    if any(value in sandbox_values for value in ours):
        yield "WECHAT_APPID、WECHAT_SECRET、WECHAT_PUSH_TOKEN、WECHAT_PUSH_AES_KEY 仍是沙盒值,请换成正式值"
    if not settings.public_base_url.startswith("https://"):
        yield "PUBLIC_BASE_URL 必须是 https 地址,微信只从 https 取图"


def _pay_problems(settings: Settings):
    if not re.fullmatch(r"[0-9]{8,32}", settings.wechat_pay_mch_id):
        yield "WECHAT_PAY_MCH_ID 必须是服务商商户号(纯数字);不开通支付请留空"
    if not settings.wechat_pay_key:
        yield "WECHAT_PAY_KEY 未设置,没有密钥无法向微信支付签名,也认不出伪造的到账通知"
    elif not re.fullmatch(r"[0-9A-Za-z]{32}", settings.wechat_pay_key):
        yield "WECHAT_PAY_KEY 必须是 32 位字母和数字,与商户平台设置的 APIv2 密钥一致"
    if urlsplit(settings.wechat_pay_base).path not in ("", "/"):
        yield "WECHAT_PAY_BASE 只写协议和主机,不要带路径,否则请求会发到错误的地址"
    if settings.wechat_pay_api not in PAY_APIS:
        yield "WECHAT_PAY_API 目前只能是 v2,其他接口版本还没有实现"


def _production_pay_problems(settings: Settings):
    """What a development sandbox may do and real money may not; nothing is asked where nobody pays."""
    if not settings.pays:
        return
    if is_loopback(settings.wechat_pay_base):
        yield "WECHAT_PAY_BASE 指向本机沙盒,生产环境必须用真实微信支付接口,否则没有人真的付款"
    if settings.wechat_pay_mch_id == SANDBOX_MCH_ID:
        yield "WECHAT_PAY_MCH_ID 仍是沙盒商户号,请换成正式的服务商商户号;不开通支付请留空"
    if settings.wechat_pay_key == SANDBOX_PAY_KEY:
        yield "WECHAT_PAY_KEY 仍是沙盒密钥,任何人都能伪造到账通知,请换成商户平台设置的密钥"
    files = {
        "WECHAT_PAY_CERT_FILE": ("证书", settings.wechat_pay_cert_file),
        "WECHAT_PAY_KEY_FILE": ("证书私钥", settings.wechat_pay_key_file),
    }
    for name, (what, path) in files.items():
        if not path:
            yield f"{name} 未设置,没有服务商{what}文件就不能退款"
        elif not _is_pem(path):
            yield f"{name} 指向的{what}文件不存在、读不了或不是 PEM 格式,不能退款"


def _is_pem(path: str) -> bool:
    try:
        return Path(path).read_bytes().lstrip().startswith(b"-----BEGIN")
    except OSError:
        return False


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
