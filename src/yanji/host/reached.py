"""Under which addresses and names other machines reach this one, so that serving to them needs no second setting."""

import ipaddress
import socket
from collections.abc import Sequence

import psutil

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def hosts(host: str) -> list[str]:
    """Names and addresses that a request may ask for where ``host`` is served; an IPv6 address stands in brackets.

    A loopback address is reached from this machine alone; any other also by the machine's own addresses and names.
    """
    found = [*LOOPBACK, host, *([] if _is_loopback(host) else (*addresses(), *names()))]
    # Nobody can ask for "everything".
    return list(dict.fromkeys(bracketed(each) for each in found if each and not _is_everything(each)))


def addresses() -> list[str]:
    """The machine's own addresses that others can use: none of loopback, none that is good on one wire only."""
    own = (at.address for found in psutil.net_if_addrs().values() for at in found if at.family in _INTERNET)
    usable = (ipaddress.ip_address(address) for address in own if "%" not in address)
    kept = {address for address in usable if not address.is_loopback and not address.is_link_local}
    return [str(address) for address in sorted(kept, key=lambda each: (each.version, int(each)))]


def names() -> list[str]:
    """What the machine calls itself: its host name, whole and without its domain."""
    own = socket.gethostname().lower()
    return [own, own.partition(".")[0]] if "." in own else [own]


def shown(host: str) -> Sequence[str]:
    """Hosts to tell the user where ``host`` is served: the one asked for, or on all addresses every one of them."""
    if _is_everything(host):
        served = [each for each in addresses() if host == "::" or ":" not in each]
        return [bracketed(each) for each in ("127.0.0.1", *served, *names())]
    return [bracketed(host)]


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


_INTERNET = (socket.AF_INET, socket.AF_INET6)


def _is_everything(host: str) -> bool:
    """Whether it stands for all addresses of the machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
