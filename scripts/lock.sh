#!/usr/bin/env bash
# Pins everything pyproject.toml asks for, with hashes, into requirements.txt and requirements-dev.txt. Needs uv.
# `scripts/lock.sh --upgrade` takes newer versions.
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links
    --no-header --quiet "$@")
"${compile[@]}" --output-file requirements.txt >/dev/null
"${compile[@]}" --group dev --constraint requirements.txt --output-file requirements-dev.txt >/dev/null
