#!/bin/sh
# Copies htmx out of its npm package. For another version change it here, and the checksums in console_test.go.
set -eu
version=4.0.1
cd "$(dirname "$0")/assets"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "htmx.org@$version" >/dev/null
tar -xzf "htmx.org-$version.tgz"
cp package/dist/htmx.min.js package/dist/ext/hx-sse.min.js "$here"
cp package/LICENSE "$here/htmx.LICENSE"
