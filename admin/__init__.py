"""The console: people, doors, hours, notices; it imports `device.contract.console` and nothing else of the device."""
