"""State to people: what one sees of it on MQTT, in the terminal, in a timeline. Views render, they decide nothing."""
