"""`make run`: the whole product on this machine: web, scheduler, the sandbox that plays WeChat and the hotline.

Starts the processes, prints where to go and with which accounts, and ends all of them on Ctrl-C.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from app.seeds.credentials import demo_accounts

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 60
PAYMENTS_AT_ONCE = 1000
"""Half a megabyte; the sandbox takes a whole one at most."""


def main() -> int:
    """Set up, start, watch; returns the exit code."""
    port = int(os.environ.get("PORT", "5000"))
    data = Path(os.environ.get("DATA_DIR", "./var")).resolve()
    data.mkdir(parents=True, exist_ok=True)
    environment = local_environment(port, data)
    for used in (port, port + 1):
        if is_taken(used):
            print(f"端口 {used} 已被占用,请换一个:make run PORT=5600", file=sys.stderr)
            return 1
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _asked_to_stop)
    if prepare(environment):
        return 1
    processes = start_all(port, data, environment)
    try:
        tell_past_payments(port, environment)
        if not wait_until_ready(port, processes):
            return 1
        switch_on_phones(port)
        announce(port, environment)
        return watch(processes)
    except KeyboardInterrupt:
        print("\n正在停止 …")
        return 0
    finally:
        stop_all(processes)


def _asked_to_stop(number: int, frame: object) -> None:
    """SIGTERM ends as Ctrl-C does; set for both, because a shell lets background jobs ignore Ctrl-C."""
    raise KeyboardInterrupt


def local_environment(port: int, data: Path) -> dict[str, str]:
    """The processes' environment: the sandbox in place of WeChat and the hotline, SQLite unless told otherwise."""
    sandbox = f"http://127.0.0.1:{port + 1}"
    defaults = {
        "ENVIRONMENT": "development",
        "WECHAT_API_BASE": sandbox,
        "WECHAT_PAY_BASE": sandbox,
        "HOTLINE_URL": sandbox,
        "HOTLINE_SECRET": "sandbox-hotline-secret",
        "EINVOICE_URL": sandbox,
        "EINVOICE_SECRET": "sandbox-einvoice-secret",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "GAS_PHONE": "19900000991",
    }
    fixed = {"PORT": str(port), "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    return {**defaults, **os.environ, **fixed}


def is_taken(port: int) -> bool:
    """Whether something listens on the port already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def prepare(environment: dict[str, str]) -> int:
    """Tables, reference data and, in an empty database, the demo district."""
    print("准备数据库和演示小区(第一次约一分钟) …", flush=True)
    for command in ("migrate", "install", "seed"):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", command], cwd=ROOT, env=environment, check=False
        )
        if done.returncode:
            print(f"准备失败:flask {command}", file=sys.stderr)
            return done.returncode
    return 0


def start_all(port: int, data: Path, environment: dict[str, str]) -> dict[str, subprocess.Popen[bytes]]:
    """Web, scheduler and sandbox, each in a process group of its own; their logs stand in DATA_DIR."""
    commands = {
        "sandbox": [
            *(sys.executable, "-m", "wechat_sandbox"),
            *("--port", str(port + 1), "--notify-base", f"http://127.0.0.1:{port}"),
            *("--database-dir", str(data / "sandbox")),
        ],
        "scheduler": [sys.executable, "-m", "scheduler"],
        "web": [
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "3", "wsgi:app"),
        ],
    }
    return {name: _start(name, command, data, environment) for name, command in commands.items()}


def _start(name: str, command: list[str], data: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with (data / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def tell_past_payments(port: int, environment: dict[str, str]) -> None:
    """Let the sandbox know every payment of the database, those of the seeds among them: only then can they be given
    back and stand in its bills. What it knows already stays as it is."""
    asked = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo-payments"],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
    )
    payments = json.loads(asked.stdout)["payments"] if asked.returncode == 0 else []
    starts = range(0, len(payments), PAYMENTS_AT_ONCE)
    known = all(_sandbox_remembers(port, payments[start : start + PAYMENTS_AT_ONCE]) for start in starts)
    if asked.returncode or not known:
        print("微信沙盒不认得演示数据里的缴费,退费会失败,请看日志 sandbox.log", file=sys.stderr)


def _sandbox_remembers(port: int, payments: list[object]) -> bool:
    url, kind = f"http://127.0.0.1:{port + 1}/sandbox/pay/past", {"Content-Type": "application/json"}
    body = json.dumps({"payments": payments}).encode()
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, kind), timeout=60):
                return True
        except urllib.error.HTTPError:
            return False
        except (urllib.error.URLError, OSError):  # it is still starting
            time.sleep(0.3)
    return False


def wait_until_ready(port: int, processes: dict[str, subprocess.Popen[bytes]]) -> bool:
    """Wait for /healthz to say that database and scheduler are well."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        fallen = [name for name, process in processes.items() if process.poll() is not None]
        if fallen:
            print(f"{'、'.join(fallen)} 没有启动,请看日志 {fallen[0]}.log", file=sys.stderr)
            return False
        if is_healthy(port):
            return True
        time.sleep(0.3)
    print(f"服务在 {READY_WITHIN_S} 秒内没有就绪,请看日志 web.log、scheduler.log", file=sys.stderr)
    return False


def is_healthy(port: int) -> bool:
    """One look at /healthz."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def switch_on_phones(port: int) -> None:
    """Put the phones of the demonstration into the sandbox, so that its page is not empty."""
    for account in demo_accounts():
        if not account.secret:
            url = f"http://127.0.0.1:{port + 1}/sandbox/users/{account.login}/visit"
            with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=5):
                pass


def announce(port: int, environment: dict[str, str]) -> None:
    """Print the addresses and the demo accounts."""
    base = f"http://127.0.0.1:{port}"
    print(
        f"\n安居已启动\n"
        f"  物业调度台、房管局看板   {base}/admin/\n"
        f"  居民手机页面(大字版)     {base}/m/\n"
        f"  居民接口文档             {base}/api/v1/docs\n"
        f"  居民的微信(沙盒)         http://127.0.0.1:{port + 1}/\n"
        f"  拨快时钟(仅演示)         {base}/demo\n"
        f"  健康检查                 {base}/healthz\n",
        flush=True,
    )
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo-accounts"],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    print("\n按 Ctrl-C 停止", flush=True)


def watch(processes: dict[str, subprocess.Popen[bytes]]) -> int:
    """Wait until one of the processes ends, which is an error while nobody asked for it."""
    while True:
        for name, process in processes.items():
            if process.poll() is not None:
                print(f"{name} 意外停止(退出码 {process.returncode}),请看 {name}.log", file=sys.stderr)
                return 1
        time.sleep(0.5)


def stop_all(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """End every process group: first politely, after ten seconds for good."""
    for process in processes.values():
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + 10
    for process in processes.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], which: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, which)


if __name__ == "__main__":
    sys.exit(main())
