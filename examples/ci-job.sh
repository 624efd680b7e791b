#!/bin/sh
# Runs the tests of a CI job on a phone that no other job is using.
#   usage: CI_JOB_ID=71 ci-job.sh COMMAND [ARGUMENT...]
# The command finds its phone in $HOLDFAST_RESOURCE. The pool: examples/test-machines.conf.
set -eu
exec holdfast run --wait 30m --pool phones --as "job-${CI_JOB_ID:?set CI_JOB_ID}" -- "$@"
