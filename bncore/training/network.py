"""Who may talk to the scheduler and the workers: where they listen, and with which certificates.

Dask's messages are pickles: whoever can send one can run any code as the user who reads it. So
everything listens on this machine alone until a setting says otherwise, and beyond this machine
certificates decide who takes part.

BNLAB_HOST                               the address to listen on, 127.0.0.1 by default
BNLAB_TLS_CA, BNLAB_TLS_CERT, BNLAB_TLS_KEY   files (PEM): who is trusted, who this process is
"""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCAL = "127.0.0.1"
TLS_SETTINGS = ("BNLAB_TLS_CA", "BNLAB_TLS_CERT", "BNLAB_TLS_KEY")


class SettingError(ValueError):
    """A setting that cannot be used; the message says which, and what is allowed."""


def listening_host(environ: Mapping[str, str] | None = None) -> str:
    """The address to listen on: BNLAB_HOST, otherwise this machine's own.

    >>> listening_host({}), listening_host({"BNLAB_HOST": "10.0.0.5"})
    ('127.0.0.1', '10.0.0.5')
    """
    return _environ(environ).get("BNLAB_HOST", "").strip() or LOCAL


def is_local(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0"), is_local("10.0.0.5")
    (True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name: somebody gave it to be reached by
        return False


def security(environ: Mapping[str, str] | None = None) -> Any:
    """The certificates as Dask takes them (a `distributed.Security`).

    From the three BNLAB_TLS_ settings where they are set, otherwise from Dask's own configuration
    (`distributed.comm.tls`), which is empty by default: no encryption. SettingError where only
    some of the three are set, or one names no readable file.
    """
    from distributed import Security

    values = {name: _environ(environ).get(name, "").strip() for name in TLS_SETTINGS}
    missing = [name for name, value in values.items() if not value]
    if len(missing) == len(TLS_SETTINGS):
        return Security()  # type: ignore[no-untyped-call]
    if missing:
        raise SettingError(
            f"TLS needs all of {', '.join(TLS_SETTINGS)}; not set: {', '.join(missing)}"
        )
    for name, value in values.items():
        if not os.access(value, os.R_OK) or not Path(value).is_file():
            raise SettingError(f"{name} names a file that can be read, not {value!r}")
    ca, certificate, key = values.values()
    return Security(  # type: ignore[no-untyped-call]
        tls_ca_file=ca,
        require_encryption=True,
        **{f"tls_{role}_cert": certificate for role in ("client", "scheduler", "worker")},
        **{f"tls_{role}_key": key for role in ("client", "scheduler", "worker")},
    )


def protocol(certificates: Any) -> str:
    """The first part of an address: "tls" with certificates, "tcp" without.

    >>> protocol(security({}))
    'tcp'
    """
    return "tls" if certificates.tls_ca_file else "tcp"


def with_protocol(address: str, certificates: Any) -> str:
    """A scheduler's address in full; SettingError where it does not fit the certificates.

    >>> with_protocol("10.0.0.5:8786", security({}))
    'tcp://10.0.0.5:8786'
    >>> with_protocol("tls://10.0.0.5:8786", security({}))
    Traceback (most recent call last):
    ...
    bncore.training.network.SettingError: tls://10.0.0.5:8786 needs certificates: set BNLAB_TLS_CA, BNLAB_TLS_CERT and BNLAB_TLS_KEY
    """  # noqa: E501
    ours = protocol(certificates)
    scheme, found, rest = address.strip().partition("://")
    if not found:
        scheme, rest = ours, scheme
    host, _, port = rest.rpartition(":")
    if scheme not in ("tcp", "tls") or not host or not port.isdigit():
        raise SettingError(
            f"a scheduler's address looks like tcp://10.0.0.5:8786 or tls://..., not {address!r}"
        )
    if scheme == "tls" and ours == "tcp":
        raise SettingError(
            f"{address} needs certificates: set BNLAB_TLS_CA, BNLAB_TLS_CERT and BNLAB_TLS_KEY"
        )
    if scheme == "tcp" and ours == "tls":
        raise SettingError(
            f"{address} is not encrypted, and certificates are set: use tls://{rest}"
        )
    return f"{scheme}://{rest}"


def what_it_means(host: str, certificates: Any) -> str:
    """Who can reach a scheduler or worker that listens on `host`, and what they can do.

    >>> what_it_means("127.0.0.1", security({}))
    'Only this machine can reach it; every user of it can run any code as this user.'
    """
    if protocol(certificates) == "tls":
        return "Only who holds a certificate of BNLAB_TLS_CA can use it."
    if is_local(host):
        return "Only this machine can reach it; every user of it can run any code as this user."
    return (
        f"Everybody who can reach {host} can run any code as this user, unencrypted: use it in a "
        "network of your own only, or set BNLAB_TLS_CA, BNLAB_TLS_CERT and BNLAB_TLS_KEY."
    )


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ
