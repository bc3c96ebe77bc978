#!/bin/sh
# Which Python carries the product: the distribution's own where it will do, else the first of the path. Distributions
# build theirs with profile-guided optimisation; one that was compiled without, as version managers do, needs a third
# more processor for each request (docs/benchmarks.md). `make PYTHON=... run` chooses another one.
[ $# -gt 0 ] || set -- /usr/bin/python3 python3
for candidate in "$@"; do
  if "$candidate" "$(dirname "$0")/check_python.py" >/dev/null 2>&1; then
    echo "$candidate"
    exit
  fi
done
echo python3
