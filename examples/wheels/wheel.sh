#!/bin/sh
# wheel.sh PHASE: one phase of one package of plan.toml, which synthtop names in SYNTHTOP_... .
#
# Only fetch may ask an index. Building and testing know no other source than wheels/ in the logs
# directory, where a wheel appears once it has been imported: a need that was not built is an error.
set -eu

phase=$1 name=$SYNTHTOP_NAME work=$SYNTHTOP_WORKDIR wheels=$SYNTHTOP_LOGS/wheels
module=${MODULE:-$name}
python=${PYTHON:-python3}

die() {
    echo "$name: $*" >&2
    exit 1
}

offline() {
    # Whatever this host's pip is configured to add (mirrors, links) would be another source.
    for variable in $(env | sed -n 's/^\(PIP_[A-Z_]*\)=.*/\1/p'); do
        unset "$variable"
    done
    export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1 PIP_FIND_LINKS="$wheels" \
        PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
}

fetch() {
    "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$python is no Python 3.11 or later with pip: name one in PYTHON"
    mkdir -p "$wheels"
    rm -rf "$work/sdist" "$work/wheel" "$work/site"
    "$python" -m pip download --no-deps --no-binary "$name" --dest "$work/sdist" "$name==$VERSION"
}

build() {
    offline
    "$python" -m pip wheel --no-deps --wheel-dir "$work/wheel" "$work"/sdist/*
}

# With everything it needs at run time, and nothing else but the standard library.
check() {
    offline
    "$python" -m pip install --target "$work/site" "$work"/wheel/*.whl
    PYTHONPATH=$work/site "$python" -S -c "import $module; print($module.__name__, 'is in', $module.__file__)"
    mv "$work"/wheel/*.whl "$wheels/"
    rm -rf "$work/site" "$work/sdist"
}

case $phase in
fetch) fetch ;;
build) build ;;
test) check ;;
*) die "no such phase: $phase" ;;
esac
