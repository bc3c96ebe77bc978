"""Settings that would endanger people are refused when the process starts, with a sentence that says which and why."""

from __future__ import annotations

import base64

import pytest

from config import SANDBOX_MCH_ID, SANDBOX_PAY_KEY, SANDBOX_PUSH_AES_KEY, Settings, UnsafeSettings

KEY = base64.b64encode(b"k" * 32).decode()
SAFE = {
    "environment": "production",
    "secret_key": "a long and random secret of the operator",
    "personal_data_key": KEY,
    "database_url": "mysql+pymysql://anju@db.internal/anju",
    "redis_url": "redis://cache.internal/0",
    "public_base_url": "https://anju.example",
    "wechat_appid": "wx1234567890abcdef",
    "wechat_secret": "0123456789abcdef0123456789abcdef",
    "wechat_push_token": "operatorsowntoken",
    "wechat_push_aes_key": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
    "wechat_pay_mch_id": "1600000001",
    "wechat_pay_key": "0123456789abcdef0123456789ABCDEF",
}


SECRETS = (
    "secret_key",
    "personal_data_key",
    "wechat_secret",
    "wechat_push_token",
    "wechat_push_aes_key",
    "wechat_pay_key",
)


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    """A complete production configuration; the client certificate for refunds stands in two files."""
    folder = tmp_path_factory.mktemp("certificate")
    for name in ("cert", "key"):
        (folder / f"{name}.pem").write_text(f"-----BEGIN {name.upper()}-----")
    files = {f"wechat_pay_{name}_file": str(folder / f"{name}.pem") for name in ("cert", "key")}
    return {**SAFE, **files}


def test_a_complete_production_configuration_starts(safe):
    settings = Settings(**safe)
    assert settings.is_production
    assert settings.pays


def test_production_without_a_merchant_number_starts_and_takes_no_money():
    off = {name: value for name, value in SAFE.items() if name != "wechat_pay_key"}
    assert not Settings(**{**off, "wechat_pay_mch_id": ""}).pays


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"personal_data_key": ""}, "PERSONAL_DATA_KEY"),
        ({"personal_data_key": "bm90IDMyIGJ5dGVz"}, "PERSONAL_DATA_KEY"),
        ({"database_url": ""}, "DATABASE_URL"),
        ({"redis_url": ""}, "REDIS_URL"),
        ({"public_base_url": "http://anju.example"}, "PUBLIC_BASE_URL"),
        ({"wechat_api_base": "http://127.0.0.1:5001"}, "WECHAT_API_BASE"),
        ({"wechat_api_base": "http://api.weixin.qq.com"}, "WECHAT_API_BASE"),
        ({"hotline_url": "http://hotline.example"}, "HOTLINE_URL"),
        ({"hotline_url": "https://hotline.example", "hotline_secret": "short"}, "HOTLINE_SECRET"),
        ({"hotline_url": "http://127.0.0.1:5001"}, "HOTLINE_URL"),
        ({"einvoice_url": "http://invoices.example"}, "EINVOICE_URL"),
        ({"einvoice_url": "https://invoices.example", "einvoice_secret": "short"}, "EINVOICE_SECRET"),
        ({"einvoice_url": "http://127.0.0.1:5001"}, "EINVOICE_URL"),
        ({"wechat_push_aes_key": SANDBOX_PUSH_AES_KEY}, "WECHAT_PUSH_AES_KEY"),
        ({"wechat_push_aes_key": "too-short"}, "WECHAT_PUSH_AES_KEY"),
        ({"storage_url": "s3://key:secret@storage.example:9000/photos?tls=0"}, "STORAGE_URL"),
    ],
)
def test_one_unsafe_value_is_refused_by_name(safe, change, named):
    with pytest.raises(UnsafeSettings) as refused:
        Settings(**{**safe, **change})
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"wechat_pay_base": "http://127.0.0.1:5001"}, "WECHAT_PAY_BASE 指向本机沙盒"),
        ({"wechat_pay_base": "http://api.mch.weixin.qq.com"}, "WECHAT_PAY_BASE 必须是 https 地址"),
        ({"wechat_pay_base": "https://api.mch.weixin.qq.com/pay"}, "WECHAT_PAY_BASE 只写协议和主机"),
        ({"wechat_pay_mch_id": SANDBOX_MCH_ID}, "WECHAT_PAY_MCH_ID 仍是沙盒商户号"),
        ({"wechat_pay_mch_id": "mch-1"}, "WECHAT_PAY_MCH_ID 必须是服务商商户号"),
        ({"wechat_pay_key": SANDBOX_PAY_KEY}, "WECHAT_PAY_KEY 仍是沙盒密钥"),
        ({"wechat_pay_key": ""}, "WECHAT_PAY_KEY 未设置"),
        ({"wechat_pay_key": "0123456789abcdef"}, "WECHAT_PAY_KEY 必须是 32 位"),
        ({"wechat_pay_key": "0123456789abcdef0123456789abcde "}, "WECHAT_PAY_KEY 必须是 32 位"),
        ({"wechat_pay_cert_file": ""}, "WECHAT_PAY_CERT_FILE 未设置"),
        ({"wechat_pay_key_file": ""}, "WECHAT_PAY_KEY_FILE 未设置"),
        ({"wechat_pay_key_file": "/nowhere/key.pem"}, "WECHAT_PAY_KEY_FILE 指向的证书私钥文件不存在"),
        ({"wechat_pay_cert_file": __file__}, "WECHAT_PAY_CERT_FILE 指向的证书文件不存在、读不了或不是 PEM"),
        ({"wechat_pay_api": "v3"}, "WECHAT_PAY_API 目前只能是 v2"),
    ],
)
def test_a_mistake_about_money_is_refused_with_the_reason(safe, change, sentence):
    with pytest.raises(UnsafeSettings) as refused:
        Settings(**{**safe, **change})
    assert sentence in str(refused.value)


def test_the_sandbox_of_the_defaults_is_no_configuration_for_production(safe):
    left_out = {name: value for name, value in safe.items() if not name.startswith("wechat_pay")}
    with pytest.raises(UnsafeSettings) as refused:
        Settings(**left_out)
    for name in ("MCH_ID", "KEY", "CERT_FILE", "KEY_FILE"):
        assert f"WECHAT_PAY_{name}" in str(refused.value)


def test_whoever_prints_the_settings_prints_no_key(safe):
    """Neither the keys nor the addresses in which a password may stand."""
    secrets = {
        **{name: safe[name] for name in SECRETS},
        "hotline_secret": "agreed with the hotline",
        "einvoice_secret": "agreed with the invoices",
        "database_url": "mysql+pymysql://anju:password-of-db@db.internal/anju",
        "redis_url": "redis://:password-of-redis@cache.internal/0",
        "storage_url": "s3://key:password-of-storage@storage.internal:9000/photos?tls=1",
    }
    settings = Settings(**{**safe, **secrets})
    printed = f"{settings!r} {settings}"
    for name, value in secrets.items():
        assert value not in printed, name
    assert "password-of" not in printed


def test_the_refusal_never_repeats_a_secret(safe):
    with pytest.raises(UnsafeSettings) as refused:
        Settings(
            **{
                **safe,
                "wechat_pay_key": "a-pay-key-with-a-typing-mistake",
                "secret_key": "short-and-bad",
                "hotline_url": "https://h.example",
                "hotline_secret": "abc",
            }
        )
    assert "short-and-bad" not in str(refused.value)
    assert "typing-mistake" not in str(refused.value)


def test_development_needs_nothing_and_keeps_its_files_together(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert settings.effective_database_url.startswith("sqlite:///")
    assert str(tmp_path) in settings.effective_storage_url
    assert len(settings.encryption_key) == 32


def test_even_development_sends_nothing_in_clear_over_a_network():
    with pytest.raises(UnsafeSettings):
        Settings(wechat_api_base="http://192.0.2.1:5001")
