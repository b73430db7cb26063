"""RFID readers: what they say over LLRP and MQTT, and what of it is a passage."""
