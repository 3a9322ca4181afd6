"""The MQTT connection: subscribe, publish, last will, reconnect.

From the top down: `connection` keeps it alive; `dial` opens a socket; `link` is paho on that socket inside the asyncio
loop (with `loop_client`, `keepalive` and `news`); `session` is what is done on a link; `outbox` and `inbox` hold
messages that wait; `retry`, `topics`, `guard` and `settings` are rules and values.
"""

from nudger.mqtt.connection import MqttConnection
from nudger.mqtt.settings import MqttHealth, MqttSettings, MqttTiming, TlsSettings

__all__ = ["MqttConnection", "MqttHealth", "MqttSettings", "MqttTiming", "TlsSettings"]
