#!/usr/bin/env bash
# What the tests need beside Python: Chromium with Chinese fonts for pages, MariaDB for truth, Redis for what is shared,
# Node.js 20 for building the client. Installs only what is missing, where it may; otherwise says what to install.
set -euo pipefail

BROWSER=chromium # or its shell, where that is offered
missing=()
# The shell of Chromium draws pages without a window and costs a quarter less; where it is not offered, the whole browser.
if ! command -v chromium-headless-shell >/dev/null && [ ! -x /usr/bin/chromium ]; then
  missing+=("$BROWSER")
fi
fc-list 2>/dev/null | grep -i "CJK" >/dev/null || missing+=(fonts-noto-cjk)
command -v mariadbd >/dev/null || command -v mysqld >/dev/null || [ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
command -v redis-server >/dev/null || missing+=(redis-server)

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
node_is_new_enough() { node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null; }
offered_node() { # the major version that apt would install, 0 without one; the number may carry an epoch ("1:20.19")
  apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9]*\)\..*/\2/p' | grep . || echo 0
}
no_node() {
  echo "测试还需要 Node.js 20 或更新版本(带 npm),本机的软件源里没有。请从 nodejs.org 安装后再试" >&2
  exit 1
}

if ! node_is_new_enough; then
  missing+=(nodejs)
elif ! command -v npm >/dev/null; then
  missing+=(npm)
fi
[ ${#missing[@]} -eq 0 ] && exit 0
if ! may_install; then
  echo "测试还需要:${missing[*]}(nodejs 要 20 或更新)。请先安装,例如 sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
apt-get update -qq
node_is_new_enough || [ "$(offered_node)" -ge 20 ] || no_node
apt-cache show chromium-headless-shell >/dev/null 2>&1 && missing=("${missing[@]/#chromium/chromium-headless-shell}")
echo "安装 ${missing[*]} …"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# Debian packs npm by itself, NodeSource packs it into nodejs and refuses the other one.
command -v npm >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null
