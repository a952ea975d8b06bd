#!/usr/bin/env bash
# Builds the libraries of the studio's page again, from the versions in package-lock.json: `studio-page/build.sh`.
# It needs node and npm; nobody else does, for what it writes is checked in and comes with the wheel.
set -euo pipefail
cd "$(dirname "$0")"
page=../zoomdream/studio/page/vendor
tests=../tests/studio/browser/vendor
npm ci --ignore-scripts --no-audit --no-fund
mkdir -p "$page" "$tests"
npx esbuild codemirror.js --bundle --format=esm --minify --target=es2022 --legal-comments=none --charset=utf8 \
    --outfile="$page/codemirror.js"
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 "$page/inter.woff2"
cp node_modules/@fontsource-variable/inter/LICENSE "$page/inter.LICENSE.txt"
{
    echo "codemirror.js is a bundle of these packages, all under the MIT licence:"
    for package in node_modules/@codemirror/* node_modules/@lezer/* node_modules/@marijn/* node_modules/crelt \
        node_modules/style-mod node_modules/w3c-keyname; do
        node -p "const p = require('./$package/package.json'); '\n' + p.name + ' ' + p.version"
        cat "$package/LICENSE"
    done
} > "$page/codemirror.LICENSE.txt"
cp node_modules/axe-core/axe.min.js "$tests/axe.min.js"
cp node_modules/axe-core/LICENSE "$tests/axe.LICENSE.txt"
