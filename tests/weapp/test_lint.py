"""The static check of the built mp-weixin package; each rule is shown a package that breaks it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.weapp_lint import CLIENT, MAX_PACKAGE_BYTES, Package, bad_sources, faults, main, sizes

PAGE = '<view aria-role="button" bindtap="{{a}}"><text>报修</text></view>'


def test_the_built_package_and_the_sources_are_without_fault(weapp_package):
    assert faults(Package(weapp_package)) == []
    assert list(bad_sources(CLIENT / "src")) == []


def test_every_package_is_far_below_the_limit(weapp_package):
    measured = sizes(Package(weapp_package))
    assert set(measured) == {"main", "more", "money", "worker", "desk"}
    assert max(measured.values()) < MAX_PACKAGE_BYTES / 2


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A package of two pages without any fault."""
    app = {"pages": ["pages/home/home"], "subPackages": [{"root": "worker", "pages": ["tasks/tasks"]}]}
    write(tmp_path, "app.json", json.dumps(app))
    for page in ("pages/home/home", "worker/tasks/tasks"):
        write(tmp_path, f"{page}.wxml", PAGE)
        write(tmp_path, f"{page}.wxss", ".a { font-size: calc(20px * var(--fs, 1)); }")
        write(tmp_path, f"{page}.js", "Page({})")
        write(tmp_path, f"{page}.json", "{}")
    assert faults(Package(tmp_path)) == []
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("pages/home/home.wxml", "<view><text></view>", "end-tag"),
        ("pages/home/home.wxss", ".a { color: red; .b", "unexpected"),
        ("pages/home/home.wxml", '<view bindtap="{{a}}">x</view>', "no aria-role [16]"),
        ("pages/home/home.wxml", '<view catch:tap="{{a}}">x</view>', "no aria-role [16]"),
        ("pages/home/home.wxml", '<ad unit-id="x"></ad>', "advertising [17]"),
        ("pages/home/home.wxml", "<official-account></official-account>", "advertising [17]"),
        ("pages/home/home.wxml", '<picker range="{{a}}">x</picker>', "fine dragging"),
        ("pages/home/home.wxml", "<swiper></swiper>", "fine dragging"),
        ("pages/home/home.wxml", '<view bindlongpress="{{a}}">x</view>', "answers a gesture and no tap [12]"),
        (
            "pages/home/home.wxml",
            '<view bindtouchstart="{{a}}">x</view>',
            "answers a gesture and no tap [12]",
        ),
        ("pages/home/home.wxml", "<text><view>x</view></text>", "stands inside <text>"),
        ("pages/home/home.wxml", '<view style="width:20rpx">x</view>', "size in rpx"),
        ("pages/home/home.wxml", '<input placeholder-style="font-size:14px"/>', "type of 14px"),
        ("pages/home/home.wxss", ".a { width: 20rpx; }", "size in rpx"),
        ("pages/home/home.wxss", ".a { font-size: 17px; }", "type of 17px"),
        ("pages/home/home.wxss", ".a { font-size: calc(16px * var(--fs, 1)); }", "type of 16px"),
        ("pages/home/home.wxss", ".a { font: bold 12px sans-serif; }", "type of 12px"),
        ("pages/home/home.wxss", ".a { font-size: 1.2em; }", "size in em"),
        ("components/Some.wxss", "view { color: red; }", "classes only"),
        ("components/Some.wxss", ".a #b { color: red; }", "classes only"),
        ("pages/home/home.js", "wx.getLocation({})", "getLocation belongs to"),
        ("worker/tasks/tasks.js", "wx.getLocation({})", "requiredPrivateInfos"),
        ("pages/home/home.js", "wx.chooseAddress({})", "chooseAddress is not needed"),
        (
            "worker/tasks/tasks.wxml",
            '<button open-type="getPhoneNumber">x</button>',
            "getPhoneNumber belongs to",
        ),
        ("common/vendor.js", "wx.preloadAssets({})", "foreign host"),
        ("pages/home/home.wxss", ".a { background: url(https://cdn.example.com/a.png); }", "foreign address"),
        ("worker/big.bin", "x" * (MAX_PACKAGE_BYTES + 1), "allowed are"),
    ],
)
def test_a_fault_in_the_package_is_found(small, name, text, what):
    write(small, name, text)
    assert any(what in str(fault) for fault in faults(Package(small))), faults(Package(small))


def test_a_page_that_is_not_there_is_found(small):
    (small / "worker/tasks/tasks.wxml").unlink()
    assert [str(fault) for fault in faults(Package(small))] == [
        "app.json: page worker/tasks/tasks has no .wxml"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "uni.showModal({ title: '好吗' })",
        "uni.showToast({ title: '好' })",
        "wx.showActionSheet({})",
        "if (event.touches.length >= 3) go()",
        "const third = event.touches[2]",
        "wx.createInterstitialAd({})",
        "uni.navigateToMiniProgram({})",
        "const words = '立即下载'",
        "const words = '请输入验证码'",
        "const address = 'https://cdn.example.com/x.js'",
    ],
)
def test_a_fault_in_the_sources_is_found(tmp_path, code):
    write(tmp_path, "pages/home.vue", f"<script setup>\n{code}\n</script>")
    assert len(list(bad_sources(tmp_path))) == 1


def test_plain_sources_are_left_alone(tmp_path):
    write(
        tmp_path, "lib/a.js", "// what WeChat draws\nconst first = event.touches[0]\nconst ratio = 4 // 5\n"
    )
    assert list(bad_sources(tmp_path)) == []


def test_the_command_ends_with_one_when_there_is_a_fault(small, capsys):
    assert main([str(small), str(small / "no-sources")]) == 0
    write(small, "pages/home/home.wxss", ".a { font-size: 12px; }")
    assert main([str(small), str(small / "no-sources")]) == 1
    assert "pages/home/home.wxss: type of 12px" in capsys.readouterr().out
