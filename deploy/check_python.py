"""Say clearly when this machine's Python cannot carry the product."""

import importlib.util
import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- an older Python is exactly what this file is for
    sys.exit(
        f"需要 Python 3.11 或更新版本,现在是 {sys.version.split()[0]};可用 make PYTHON=python3.12 run 指定"
    )
if importlib.util.find_spec("ensurepip") is None:
    sys.exit("这个 Python 没有 venv,请先安装(Debian/Ubuntu: apt install python3-venv)")
