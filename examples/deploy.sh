#!/bin/sh
# Deploys a release, one deployment at a time for each environment.
#   usage: deploy.sh ENVIRONMENT VERSION < release.tar
# Waits up to ten minutes for a running deployment of the same environment.
set -eu
environment=${1:?usage: deploy.sh ENVIRONMENT VERSION < release.tar}
version=${2:?usage: deploy.sh ENVIRONMENT VERSION < release.tar}

# A script that does not hold the lock starts itself again under `holdfast run`.
if [ "${HOLDFAST_LOCK-}" != "deploy/$environment" ]; then
  exec holdfast run --wait 10m --keep 30s --why "release $version" "deploy/$environment" \
    -- "$0" "$@"
fi

case $HOLDFAST_PREVIOUS in
  none | released) ;;
  *) echo "The deployment by $HOLDFAST_PREVIOUS_HOLDER did not finish: $HOLDFAST_PREVIOUS" >&2 ;;
esac

# The deployment itself: unpack the release next to the current one, then switch to it.
target=${DEPLOY_ROOT:-/srv}/$environment
rm -rf "$target/$version"
mkdir -p "$target/$version"
tar -x -C "$target/$version"
ln -sfn "$version" "$target/current"
echo "$environment is at $version"
