"""Addresses that people open a report's page at."""

from typing import Any
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.usecases.ports import Links

PRESIGNED_SECONDS = 3_600
"""How long a presigned address is good [seconds]; less where the session of the function that signed it ends before."""

PRESIGNING = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
"""Of the client that signs: only this signature opens what is encrypted with a key of KMS."""


def no_links(_key: str) -> str | None:
    """Give no address out."""
    return None


def console_links(beginning: str) -> Links:
    """Make addresses of the S3 console, where whoever opens them has to log in.

    Parameters
    ----------
    beginning
        The address but for the object's key.
    """
    return lambda key: beginning + quote(key)


def presigned_links(client: Any, bucket: str) -> Links:
    """Make addresses that open the object to whoever has them, for `PRESIGNED_SECONDS`; nothing is called for it.

    Parameters
    ----------
    client
        A boto3 S3 client with `PRESIGNING`. Its credentials need `s3:GetObject` on the object.
    """

    def link(key: str) -> str | None:
        try:
            made: str = client.generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=PRESIGNED_SECONDS
            )
        except (ClientError, BotoCoreError):
            # Telling is more than the link.
            return None
        return made

    return link
