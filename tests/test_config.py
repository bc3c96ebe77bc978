"""Settings that would endanger people are refused when the process starts, with a sentence that says which and why."""

from __future__ import annotations

import base64

import pytest

from config import SANDBOX_PUSH_AES_KEY, Settings, UnsafeSettings

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
}


def test_a_complete_production_configuration_starts():
    assert Settings(**SAFE).is_production


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
        ({"wechat_push_aes_key": SANDBOX_PUSH_AES_KEY}, "WECHAT_PUSH_AES_KEY"),
        ({"wechat_push_aes_key": "too-short"}, "WECHAT_PUSH_AES_KEY"),
        ({"storage_url": "s3://key:secret@storage.example:9000/photos?tls=0"}, "STORAGE_URL"),
    ],
)
def test_one_unsafe_value_is_refused_by_name(change, named):
    with pytest.raises(UnsafeSettings) as refused:
        Settings(**{**SAFE, **change})
    assert named in str(refused.value)


def test_the_refusal_never_repeats_a_secret():
    with pytest.raises(UnsafeSettings) as refused:
        Settings(
            **{
                **SAFE,
                "secret_key": "short-and-bad",
                "hotline_url": "https://h.example",
                "hotline_secret": "abc",
            }
        )
    assert "short-and-bad" not in str(refused.value)


def test_development_needs_nothing_and_keeps_its_files_together(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert settings.effective_database_url.startswith("sqlite:///")
    assert str(tmp_path) in settings.effective_storage_url
    assert len(settings.encryption_key) == 32


def test_even_development_sends_nothing_in_clear_over_a_network():
    with pytest.raises(UnsafeSettings):
        Settings(wechat_api_base="http://192.0.2.1:5001")
