#!/usr/bin/env bash
# Copies the database and the files into the new folder $1, while the bot runs. DATA_DIR and the database as in data/.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?scripts/backup.sh FOLDER}
data=${DATA_DIR:-data}
umask 077
mkdir "$target"
.venv/bin/python - "${DATABASE:-$data/bot.db}" "$target/bot.db" <<'PY'
import sqlite3
import sys

source = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
source.execute("VACUUM INTO ?", (sys.argv[2],))
PY
for kept in media uploads packs federation.yaml; do
    [ ! -e "$data/$kept" ] || cp -a "$data/$kept" "$target/"
done
echo "✔ $target"
