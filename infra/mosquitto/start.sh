#!/bin/sh
# Starts Mosquitto with the two accounts of our own from the environment. The accounts of devices are in the same file, in the volume, and stay as they are:
#   docker compose exec mosquitto mosquitto_passwd -b /mosquitto/data/passwords <device key> <secret>
#   docker compose kill -s HUP mosquitto
set -eu
umask 077
passwords=/mosquitto/data/passwords
touch "$passwords"
mosquitto_passwd -b "$passwords" gk-bus "$BUS_SECRET"
mosquitto_passwd -b "$passwords" gk-gateway "$MQTT_PASSWORD"
exec mosquitto -c /mosquitto/config/mosquitto.conf
