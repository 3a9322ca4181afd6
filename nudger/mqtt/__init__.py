"""The MQTT connection: subscribe, publish, last will, reconnect.

`connection` keeps it alive; on the way down are `dial` (open a socket), `link` (paho inside the asyncio loop) and
`session` (what is done on a link); `outbox` and `inbox` hold messages; `retry`, `guard`, `topics` and `settings` are
the rules.
"""

from nudger.mqtt.connection import MqttConnection
from nudger.mqtt.settings import MqttHealth, MqttSettings, MqttTiming, TlsSettings

__all__ = ["MqttConnection", "MqttHealth", "MqttSettings", "MqttTiming", "TlsSettings"]
