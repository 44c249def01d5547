"""The meaning of PagerDuty's responses."""

from httpx2 import Response

from alert_responder_plugins.common.errors import (
    PluginFaultError,
    ReceiverFailedError,
    ReceiverRefusedError,
    SettingsFaultError,
)


def error_of(response: Response) -> PluginFaultError:
    """Return the error for an unsuccessful response."""
    status = response.status_code
    if status == 429:
        return ReceiverFailedError("PagerDuty throttled the event.")
    if status in (401, 403, 404) or (status == 400 and "routing_key" in response.text):
        return SettingsFaultError(
            "PagerDuty rejected the routing key; store the key of an Events API v2 integration in the secret."
        )
    if 400 <= status < 500:
        return ReceiverRefusedError(f"PagerDuty rejected the event (status {status}).")
    return ReceiverFailedError(f"PagerDuty failed with status {status}.")
