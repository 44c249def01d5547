"""Errors of the ready-made plug-ins.

    AlertResponderError
    `-- PluginFaultError             a plug-in cannot do its work; the message is shown in the report
        |-- SettingsFaultError       the settings or the secret are wrong, and must be changed
        |-- ReceiverRefusedError     the receiver rejected the request; retrying does not help
        `-- ReceiverFailedError      the receiver did not answer, or not properly; a later retry may succeed
            `-- OutcomeUnknownError  the request was sent, and may have taken effect

Messages contain no secrets, and no text of a receiver that is not escaped.
"""

from alert_responder.errors import AlertResponderError


class PluginFaultError(AlertResponderError):
    """Base of the errors that a ready-made plug-in raises deliberately."""


class SettingsFaultError(PluginFaultError):
    """The settings or the secret are wrong; the message names the field and the allowed values."""


class ReceiverRefusedError(PluginFaultError):
    """A receiver rejected the request permanently: 400, 401, 403, 404, 422 and similar."""


class ReceiverFailedError(PluginFaultError):
    """A receiver could not be reached, failed, or kept throttling."""


class OutcomeUnknownError(ReceiverFailedError):
    """A write was sent, but its outcome is unknown: the receiver may have accepted it."""
