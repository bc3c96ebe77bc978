# Two commands: `make run` serves the whole product, `make test` proves it. Both set up what they need.
PYTHON ?= $(shell sh deploy/find_python.sh)
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 5000
export DATA_DIR ?= ./var

# The client of phones. Its outputs are made anew when a source is newer; the stamps stand beside them.
CLIENT := miniprogram
CLIENT_SOURCES := $(shell find $(CLIENT)/src -type f) $(addprefix $(CLIENT)/,index.html package.json packing.js service-worker.js vite.config.js)
MODULES := $(CLIENT)/node_modules/.ready
H5 := $(CLIENT)/dist/.h5-built
WEAPP := $(CLIENT)/dist/.mp-weixin-built
NODE_IS_NEW_ENOUGH = node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null

.PHONY: test-client run seed miniprogram client-if-possible check test bench clean migration

run: $(VENV)/.run-ready client-if-possible
	$(BIN)/python -m deploy.local

client-if-possible:
	@if $(NODE_IS_NEW_ENOUGH); then \
	  $(MAKE) -s $(H5) || echo "手机页面没有生成(原因见上),其他功能照常;之后可再运行 make miniprogram"; \
	elif [ ! -e $(CLIENT)/dist/build/h5/index.html ]; then \
	  echo "没有找到 Node.js 20 或更新版本,手机页面 /m/ 暂不提供,其他功能照常;装好后运行 make miniprogram"; \
	fi

miniprogram: $(H5) $(WEAPP)
	$(PYTHON) -m deploy.weapp_lint $(CLIENT)/dist/build/mp-weixin

seed: $(VENV)/.run-ready
	$(BIN)/flask --app wsgi seed

check: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_architecture.py tests/test_migrations.py

# One for each of two cores. With three, pages and processes waited for the processor and some tests were run twice.
TEST_WORKERS ?= 2

test: $(VENV)/.test-ready $(H5) $(WEAPP)
	$(BIN)/pytest -q -n $(TEST_WORKERS) --dist loadgroup

# Only the journeys of the client, in Chromium and in Node.
test-client: $(VENV)/.test-ready $(H5) $(WEAPP)
	$(BIN)/pytest -q -n $(TEST_WORKERS) --dist loadgroup tests/client tests/weapp

bench: $(VENV)/.test-ready $(H5)
	@for name in photos orders deadlines billing notices client; do $(BIN)/python -m bench.$$name || exit 1; done

migration: $(VENV)/.test-ready
	$(BIN)/flask --app wsgi new-migration "$(MESSAGE)"

$(VENV)/bin/python:
	$(PYTHON) deploy/check_python.py
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test-ready: requirements.txt requirements-dev.txt deploy/system_packages.sh | $(VENV)/bin/python
	bash deploy/system_packages.sh
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.run-ready

$(MODULES): $(CLIENT)/package.json $(CLIENT)/package-lock.json $(CLIENT)/.npmrc
	@echo "安装手机页面的工具(第一次约一分钟) …"
	cd $(CLIENT) && npm ci --no-progress --loglevel=error
	touch $@

$(H5): $(CLIENT_SOURCES) $(MODULES)
	@echo "生成手机页面 …"
	cd $(CLIENT) && npm run --silent build:h5
	touch $@

$(WEAPP): $(CLIENT_SOURCES) $(MODULES)
	@echo "生成微信小程序 …"
	cd $(CLIENT) && npm run --silent build:mp-weixin
	@echo '{ "type": "commonjs" }' > $(CLIENT)/dist/package.json # for Node, which plays WeChat in the tests
	touch $@

clean:
	rm -rf $(CLIENT)/dist var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
