"""Who can reach this server: told at its start where that is more than this machine."""

from __future__ import annotations

import logging

from streamlit import config

from bncore.training.network import is_local

log = logging.getLogger("batch-norm-lab")


def warning(address: str | None) -> str:
    """What listening on `address` means, in a sentence; "" for this machine alone.

    >>> warning("127.0.0.1")
    ''
    """
    if address and is_local(address):
        return ""
    return (
        f"This server listens on {address or 'every address of this machine'}: whoever reaches it "
        "can use it, without a password and unencrypted. For more than a network of your own, put "
        "a proxy with HTTPS in front (docs/cluster.md)."
    )


def tell() -> None:
    """Log the warning, if there is one."""
    found = warning(config.get_option("server.address"))
    if found:
        log.warning(found)
