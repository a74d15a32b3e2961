# Runs before removal ($1 is 0) and before the old files of an upgrade go ($1 is 1).
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl --no-reload disable --now event-manager.service
fi
