"""URLs of a report's page."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.usecases.ports import Links

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PRESIGNED_SECONDS = 3_600
"""Validity of a presigned URL [s]; it ends earlier if the session that signed it expires."""

PRESIGNING = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
"""Configuration of the client that signs: objects encrypted with a KMS key require this signature."""


def no_links(_key: str) -> str | None:
    """Return no URL."""
    return None


def console_links(prefix: str) -> Links:
    """Build URLs of the S3 console, which requires a login.

    Parameters
    ----------
    prefix
        The URL without the object's key.
    """
    return lambda key: prefix + quote(key)


def presigned_links(client: "S3Client", bucket: str) -> Links:
    """Build URLs that anyone can open for `PRESIGNED_SECONDS`; no call is made.

    Parameters
    ----------
    client
        A client with `PRESIGNING`. Its credentials need `s3:GetObject` on the object.
    """

    def link(key: str) -> str | None:
        try:
            parameters = {"Bucket": bucket, "Key": key}
            return client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=PRESIGNED_SECONDS)
        except (ClientError, BotoCoreError):
            # Deliver the report even if no link can be made.
            return None

    return link
