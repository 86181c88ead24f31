#!/bin/sh
# Formats the Java sources.
set -eu
cd "$(dirname "$0")/.."
exec mvn -q -B -ntp spotless:apply "$@"
