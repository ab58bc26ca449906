"""Owns the relay: one GPIO output through gpiozero, by a pin factory the settings name. There is no fallback to another."""

from importlib import import_module
from typing import Any

from gpiozero.exc import GPIOZeroError
from gpiozero.output_devices import DigitalOutputDevice

from device.contract.office import LockState
from device.errors import LockFault, SettingsError

FACTORIES = {
    "lgpio": ("gpiozero.pins.lgpio", "LGPIOFactory"),
    "rpigpio": ("gpiozero.pins.rpigpio", "RPiGPIOFactory"),
    "pigpio": ("gpiozero.pins.pigpio", "PiGPIOFactory"),
    "native": ("gpiozero.pins.native", "NativeFactory"),
    "mock": ("gpiozero.pins.mock", "MockFactory"),
}
"""Pin factories by gpiozero's own names; `mock` only where the settings say simulated."""


def factory(name: str) -> Any:
    """
    The pin factory of this name.

    Raises: SettingsError when there is none; LockFault when its library or hardware is missing.
    """
    if name not in FACTORIES:
        raise SettingsError(f"Setting `lock.pins` must be one of: {', '.join(sorted(FACTORIES))}.")
    module, kind = FACTORIES[name]
    try:
        return getattr(import_module(module), kind)()
    except (ImportError, OSError, GPIOZeroError):
        raise LockFault(f"The GPIO library `{name}` is not usable here; `lock.pins` names it.") from None


class RelayBolt:
    """A relay that releases the door while its pin is active; inactive from the first instant on."""

    def __init__(self, pin: int, pins: Any, *, active_high: bool) -> None:
        try:
            self._output = DigitalOutputDevice(pin, active_high=active_high, initial_value=False, pin_factory=pins)
        except GPIOZeroError:
            raise LockFault(f"GPIO {pin} cannot drive the lock; is `lock.pin` right and free?") from None

    def release(self) -> None:
        """Pull the relay in."""
        self._set(active=True)

    def secure(self) -> None:
        """Let the relay fall."""
        self._set(active=False)

    def state(self) -> LockState:
        """What the pin says; a relay reports nothing back about the bolt itself."""
        try:
            return LockState.OPEN if self._output.value else LockState.CLOSED
        except GPIOZeroError:
            return LockState.UNKNOWN

    def close(self) -> None:
        """Let the relay fall and free the pin."""
        self.secure()
        self._output.close()

    def _set(self, *, active: bool) -> None:
        try:
            self._output.value = active
        except GPIOZeroError:
            raise LockFault("The relay does not answer.") from None
