#!/bin/sh
# Names what the system lacks, with the package that brings it, before pip fails with a page of output.
set -u

missing() {
    echo "sidetune: $1 is missing; install it first, on Debian or Ubuntu with: sudo apt install $2" >&2
    exit 1
}

[ -n "${PYTHON:-}" ] || missing "Python 3.11 or newer" "python3"
command -v git >/dev/null 2>&1 || missing "git" "git"
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing "Python's venv module" "python3-venv"

# hnswlib and llama-cpp-python come as source: once they are installed no compiler is needed any more.
if ! .venv/bin/python -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("llama_cpp") and u.find_spec("hnswlib")))' 2>/dev/null; then
    command -v "${CC:-cc}" >/dev/null 2>&1 || missing "a C compiler" "build-essential"
    command -v "${CXX:-c++}" >/dev/null 2>&1 || missing "a C++ compiler" "build-essential"
    include=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')
    [ -f "$include/Python.h" ] || missing "the header file Python.h" "python3-dev"
fi
