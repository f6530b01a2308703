"""Whether this machine runs on its battery."""

from __future__ import annotations

__all__ = ["on_battery"]


def on_battery() -> bool:
    """Return whether the machine has a battery and lives on it; False where nobody can say."""
    import psutil

    try:
        battery = psutil.sensors_battery()
    except (OSError, AttributeError, RuntimeError, ValueError):  # no such sensors on this system, or odd ones
        return False
    return battery is not None and battery.power_plugged is False
