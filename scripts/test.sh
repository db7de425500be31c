#!/usr/bin/env bash
# Sets up a virtual environment and runs every layer of the tests.
#   bash scripts/test.sh              everything that can run here
#   bash scripts/test.sh unit shell   only these layers
#   bash scripts/test.sh peers        other people's clients against the sandbox; installs them into .venv-peers
#   bash scripts/test.sh set-up       no layer, only the environment
# Layers: lint types unit sandbox contract shell engine crash kernel notebooks browser peers
# With CI=true two layers run at a time, each is shown whole when it ends, all run to their end, and the last
# lines name what failed; a layer that cannot run is a failure. Elsewhere the browser layer is left out, with a
# line that says so, when Chromium is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK=1 JUPYTER_PLATFORM_DIRS=1
export venv=${MINIMAX_NB_VENV:-.venv}
export python=$venv/bin/python

all="lint types unit sandbox contract shell engine crash kernel notebooks browser"
# The order for two at a time: most of a layer is waiting, so that the longest ones start first; the kernels, whose
# answers are timed, beside the engine, which computes least; the crashes, which compute most, not beside them.
[ -z "${CI:-}" ] || all="lint engine kernel browser shell crash sandbox unit peers notebooks types contract"
layers=${*:-$all}
step() { printf '\n=== %s (%ss)\n' "$1" "$SECONDS"; }

step "set-up"
[ -x "$python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/uv" ] || "$venv/bin/pip" install -q uv
"$venv/bin/uv" pip install -q --python "$python" -c scripts/constraints.txt -e ".[dev]"

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export home
# A kernel is killed more often where nobody waits for the result.
[ -z "${CI:-}" ] || export MINIMAX_NB_CRASH_ROUNDS=${MINIMAX_NB_CRASH_ROUNDS:-200}
unset MINIMAX_API_KEY PIXAZO_API_KEY APIXO_API_KEY MINIMAX_API_HOST PIXAZO_API_HOST APIXO_API_HOST

# Runs one layer.
layer() {
  # Never the user's own ledger, keys or Jupyter settings.
  local own=$home/$1
  mkdir -p "$own"
  export MINIMAX_NB_HOME=$own/minimax IPYTHONDIR=$own/ipython JUPYTER_CONFIG_DIR=$own/jupyter \
    JUPYTER_DATA_DIR=$own/jupyter-data JUPYTER_RUNTIME_DIR=$own/jupyter-run
  case $1 in
    set-up) ;;
    lint)
      "$venv/bin/ruff" check .
      "$venv/bin/ruff" format --check .
      ;;
    types) "$venv/bin/mypy" ;;
    notebooks)
      # As scripts/notebooks.py ran them: what they show does not depend on how fast the sandbox is.
      MINIMAX_NB_SANDBOX_SPEED=1000 "$python" -m pytest -q -p no:cacheprovider --nbval --nbval-current-env \
        --nbval-cell-timeout=120 --nbval-sanitize-with tests/data/nbval_sanitize.cfg notebooks
      ;;
    browser)
      if command -v chromium >/dev/null || [ -n "${CI:-}" ]; then
        "$python" -m pytest -q tests/browser
      else
        echo "left out: Chromium is not installed (Debian: apt-get install chromium)"
      fi
      ;;
    *) "$python" -m pytest -q "tests/$1" ;;
  esac
}

# Runs one layer while another runs: shows it whole at its end, and keeps how it ended.
beside() {
  local log=$home/$1.log ended=failed
  bash -euo pipefail -c 'layer "$1"' _ "$1" >"$log" 2>&1 && ended=passed
  until mkdir "$home/showing" 2>/dev/null; do sleep 0.1; done
  printf '\n=== %s (took %ss)\n' "$1" "$SECONDS"
  cat "$log"
  rmdir "$home/showing"
  touch "$home/$1.$ended"
}

if [ -z "${CI:-}" ]; then
  for name in $layers; do
    step "$name"
    layer "$name"
  done
  step "done"
  exit
fi

export -f layer beside
# xargs and not jobs of this shell: to those an interrupt is nothing, and tests send interrupts.
printf '%s\n' $layers | PYTEST_ADDOPTS="${PYTEST_ADDOPTS:-} -p no:cacheprovider" \
  xargs -n 1 -P 2 bash -c 'beside "$1"' _ || true
step "done"
failed=0
for name in $layers; do
  [ ! -e "$home/$name.passed" ] || continue
  failed=1
  printf '\n=== %s failed\n' "$name"
  grep -aE '^(FAILED|ERROR) ' "$home/$name.log" | cut -c1-400 || tail -n 20 "$home/$name.log" || true
done
exit "$failed"
