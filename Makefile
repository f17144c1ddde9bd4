# 引凤 Yinfeng. `make run` starts the service, `make test` runs every check, `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard crm/translations/*/LC_MESSAGES/*.po))
LOCK_VENV := .cache/lock-venv
COMPILE = $(LOCK_VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

.PHONY: help setup setup-dev run test lint types contracts unit bench demo-reset lock docs vendor backup restore catalogue access-map stages measures pictures stylesheet

help: ## 列出所有命令 / list all targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.run $(CATALOGUES) ## 安装运行环境 / set up what the service needs

setup-dev: $(VENV)/.dev $(CATALOGUES) ## 安装开发环境 / set up what the checks need as well

run: setup ## 启动（DEMO=1 载入演示数据）/ start the service (DEMO=1 loads a demonstration office)
	@exec $(PY) -m workers.stack

test: setup-dev ## 全部检查 / every check, ending in pytest's summary
	@$(MAKE) --no-print-directory --output-sync=target -j2 types lint contracts
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: setup-dev ## 代码与模板风格 / style of code and templates
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/djlint --lint --quiet crm/templates

types: setup-dev ## 类型检查 / types
	$(VENV)/bin/mypy

contracts: setup-dev ## 模块依赖方向 / import directions
	$(VENV)/bin/lint-imports

unit: setup-dev ## 纯规则测试 / tests of the pure rules
	$(PY) -m pytest tests/unit

bench: setup-dev ## 启动、内存与混沌测量 / measure start, memory and the chaos run
	$(PY) -m benchmarks.stack
	$(PY) -m benchmarks.taskchaos
	$(PY) -m benchmarks.chaos

demo-reset: setup ## 备份后重建演示数据 / back up, then build the demonstration office anew
	@$(PY) -m flask --app wsgi db upgrade
	@$(PY) -m crm.cli.backup save
	@$(PY) -m flask --app wsgi demo load --reset

lock: ## 更新依赖锁定文件 / renew the locks
	@test -x $(LOCK_VENV)/bin/uv || { $(PYTHON) -m venv $(LOCK_VENV) && $(LOCK_VENV)/bin/python -m pip install --quiet uv; }
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@if grep -nE 'https?://|--(extra-)?index-url|--find-links' requirements*.lock; then echo "a lock names a host"; exit 1; fi

docs: setup-dev ## 生成文档 / build the documentation
	$(VENV)/bin/mkdocs build --strict

catalogue: setup-dev ## 收集待译文字 / collect strings for the English catalogue
	@PYTHONPATH=. $(VENV)/bin/python -m crm.cli.catalogue

access-map: setup-dev ## 更新路由与角色对照表 / renew docs/access.md
	@$(PY) -m flask --app wsgi access-map > docs/access.md

stages: setup-dev ## 更新阶段与门槛文档 / renew docs/stages.md
	@$(PY) -m crm.pipeline.stagedocs

measures: setup-dev ## 更新指标口径文档 / renew docs/measures.md
	@$(PY) -m crm.assessment.measuredocs

pictures: setup-dev ## 重拍文档配图 / take the pictures of README and docs again
	@$(PY) -m benchmarks.pictures

stylesheet: ## 按页面裁剪样式表 / cut the vendored style sheet down to what the pages use
	@$(PYTHON) -m crm.cli.stylesheet

vendor: setup-dev ## 重新收取前端依赖 / fetch the front-end packages again
	$(PY) -m crm.cli.vendor

backup: setup ## 备份数据库与文件 / back up database and files
	@$(PY) -m crm.cli.backup save

restore: setup ## 恢复备份 FILE=…（FORCE=1 覆盖）/ restore FILE=… (FORCE=1 overwrites)
	@if [ -z "$(FILE)" ]; then echo "用法 / usage: make restore FILE=var/backups/….tar.gz"; exit 2; fi
	@$(PY) -m crm.cli.backup restore "$(FILE)" $(if $(filter 1,$(FORCE)),--force)

$(VENV)/.run: requirements.lock
	$(venv)
	@if [ ! $(VENV)/.dev -nt requirements.lock ]; then \
		echo "安装依赖，约需一分钟 / installing dependencies, about a minute"; \
		$(PIP) install --quiet --require-hashes -r requirements.lock; fi
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	$(venv)
	@echo "安装开发依赖，约需两分钟 / installing development dependencies, about two minutes"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

%.mo: %.po | setup-base
	@$(PY) -m babel.messages.frontend compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<))) >/dev/null 2>&1

.PHONY: setup-base
setup-base:
	@test -e $(VENV)/.run || test -e $(VENV)/.dev || $(MAKE) --no-print-directory $(VENV)/.run

define venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "需要 Python 3.11 或更高版本，可用 PYTHON=python3.12 make run 指定 / Python 3.11 or newer is needed"; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "缺少 venv 模块，请执行 / the venv module is missing, run: sudo apt-get install python3-venv"; exit 1; }
@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
endef
