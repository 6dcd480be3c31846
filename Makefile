VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install install-dev demo run test check lock

help:            ## lệnh nào làm gì / what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/ —/'

install: $(VENV)/.installed           ## cài đặt / set up

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt
	@scripts/ensure-venv.sh $(VENV) requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt
	@scripts/ensure-venv.sh $(VENV) requirements-dev.txt
	@touch $@ $(VENV)/.installed

demo: install    ## chạy thử trong trình duyệt / try it in the browser
	@$(BIN)/python -m bot demo

run: install     ## chạy bot thật theo .env / run the real bot from .env
	@$(BIN)/python -m bot run

check: install-dev                    ## kiểm tra mã và nội dung / lint code and content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot check-content

test: check      ## kiểm tra và chạy mọi bài thử / check, then every test
	@scripts/test.sh

lock:            ## ghim lại các thư viện (cần uv) / pin the libraries again (needs uv)
	scripts/lock.sh
