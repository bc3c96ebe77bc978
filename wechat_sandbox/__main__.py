"""python -m wechat_sandbox --port 5001 --notify-base http://127.0.0.1:5000 --database-dir var/sandbox"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from wechat_sandbox.server import Sandbox
from wechat_sandbox.settings import NotLoopback, SandboxSettings


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted; 2 when the addresses are not of this machine."""
    options = _parser().parse_args(arguments)
    try:
        settings = SandboxSettings(
            notify_base=options.notify_base.rstrip("/"), database_dir=options.database_dir
        )
        sandbox = Sandbox(settings, host=options.host, port=options.port)
    except (NotLoopback, OSError) as refused:
        print(f"沙盒没有启动:{refused}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"微信沙盒:{sandbox.url}(消息推送到 {options.notify_base or '无'})", flush=True)
    try:
        sandbox.serve()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wechat_sandbox", description="本机微信沙盒")
    parser.add_argument("--host", default="127.0.0.1", help="只接受本机地址")
    parser.add_argument("--port", type=int, default=5001)
    parser.add_argument("--notify-base", default="", help="产品的地址,事件推送到它的 /wechat/push")
    parser.add_argument("--database-dir", type=Path, default=None, help="居民、授权、消息保存的目录")
    return parser


if __name__ == "__main__":
    sys.exit(main())
