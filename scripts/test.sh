#!/usr/bin/env bash
# Sets up a virtual environment and runs every layer of the tests.
#   bash scripts/test.sh              everything that can run here
#   bash scripts/test.sh unit shell   only these layers
#   bash scripts/test.sh peers        other people's clients against the sandbox; installs them into .venv-peers
# Layers: lint types unit sandbox contract shell engine crash kernel notebooks browser peers
# With CI=true a layer that cannot run is a failure; elsewhere the browser layer is left out, with a line
# that says so, when Chromium is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK=1 JUPYTER_PLATFORM_DIRS=1
venv=${MINIMAX_NB_VENV:-.venv}
python=$venv/bin/python

all="lint types unit sandbox contract shell engine crash kernel notebooks browser"
# Other people's clients are big to install: by name here, always where nobody waits.
[ -z "${CI:-}" ] || all="$all peers"
layers=${*:-$all}
wants() { [[ " $layers " == *" $1 "* ]]; }
step() { printf '\n=== %s (%ss)\n' "$1" "$SECONDS"; }

step "set-up"
[ -x "$python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/uv" ] || "$venv/bin/pip" install -q uv
"$venv/bin/uv" pip install -q --python "$python" -c scripts/constraints.txt -e ".[dev]"

# Never the user's own ledger, keys or Jupyter settings.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export MINIMAX_NB_HOME=$home/minimax IPYTHONDIR=$home/ipython JUPYTER_CONFIG_DIR=$home/jupyter \
  JUPYTER_DATA_DIR=$home/jupyter-data JUPYTER_RUNTIME_DIR=$home/jupyter-run
# A kernel is killed more often where nobody waits for the result.
[ -z "${CI:-}" ] || export MINIMAX_NB_CRASH_ROUNDS=${MINIMAX_NB_CRASH_ROUNDS:-200}
unset MINIMAX_API_KEY PIXAZO_API_KEY APIXO_API_KEY MINIMAX_API_HOST PIXAZO_API_HOST APIXO_API_HOST

if wants lint; then
  step "lint"
  "$venv/bin/ruff" check .
  "$venv/bin/ruff" format --check .
fi
if wants types; then
  step "types"
  "$venv/bin/mypy"
fi
for layer in unit sandbox contract shell engine crash kernel; do
  if wants "$layer"; then
    step "$layer"
    "$python" -m pytest -q "tests/$layer"
  fi
done
if wants peers; then
  step "peers"
  "$python" -m pytest -q tests/peers
fi
if wants notebooks; then
  step "notebooks"
  # As scripts/notebooks.py ran them: what they show does not depend on how fast the sandbox is.
  MINIMAX_NB_SANDBOX_SPEED=1000 "$python" -m pytest -q -p no:cacheprovider --nbval --nbval-current-env --nbval-cell-timeout=120 \
    --nbval-sanitize-with tests/data/nbval_sanitize.cfg notebooks
fi
if wants browser; then
  step "browser"
  if command -v chromium >/dev/null || [ -n "${CI:-}" ]; then
    "$python" -m pytest -q tests/browser
  else
    echo "left out: Chromium is not installed (Debian: apt-get install chromium)"
  fi
fi
step "done"
