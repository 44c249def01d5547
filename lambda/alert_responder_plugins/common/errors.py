"""The error tree of the ready-made plug-ins.

    AlertResponderError
    `-- PluginFaultError          a plug-in cannot do its work; the message is shown in the report
        |-- SettingsFaultError    its settings or its secret are wrong: nothing helps but a change of them
        |-- ReceiverRefusedError  the receiver does not take the request: trying again cannot help
        `-- ReceiverFailedError   the receiver did not answer as it should: trying again later may help

Messages never hold a secret, nor a receiver's words unescaped.
"""

from alert_responder.errors import AlertResponderError


class PluginFaultError(AlertResponderError):
    """Base of what a ready-made plug-in raises on purpose."""


class SettingsFaultError(PluginFaultError):
    """The settings or the secret are wrong; the message says which and what is allowed."""


class ReceiverRefusedError(PluginFaultError):
    """A receiver refused for good: 400, 401, 403, 404, 422 and the like."""


class ReceiverFailedError(PluginFaultError):
    """A receiver could not be reached, failed, or went on refusing for its rate limit."""
