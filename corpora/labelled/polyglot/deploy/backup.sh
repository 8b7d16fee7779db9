#!/usr/bin/env bash
set -euo pipefail

target=${BACKUP_BUCKET:?say where to}
keep_days=${KEEP_DAYS:-35}

dump() {
    pg_dump --format=custom --no-owner "$1" | age --recipients-file /etc/tidewater/backup-keys > "$2"
}

prune() {
    local oldest
    oldest=$(date --date="-${keep_days} days" +%Y%m%d)
    rclone lsf "$target" | while read -r name; do
        if [[ ${name#*-} < "$oldest" ]]; then
            rclone deletefile "$target/$name"
        fi
    done
}

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
name="tidewater-$(date +%Y%m%d).dump.age"
dump tidewater "$work/$name"
rclone copyto "$work/$name" "$target/$name"
prune
