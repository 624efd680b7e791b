#!/bin/sh
# Runs a cron job unless its previous run has not ended yet, on this machine or on any other.
#   usage: cron-job.sh NAME COMMAND [ARGUMENT...]
#   crontab: */5 * * * * /opt/jobs/cron-job.sh sync /usr/local/bin/sync-mail
# Exit status: the command's own, or 75 when this run was skipped.
set -eu
name=${1:?usage: cron-job.sh NAME COMMAND [ARGUMENT...]}
shift

exec holdfast run --wait 0 --why "cron on $(uname -n)" "cron/$name" -- "$@"
