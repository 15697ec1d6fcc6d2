"""Which addresses what a store names may have: public ones, so that nobody reaches what stands beside us by naming it (T14)."""

import ipaddress
import socket
import ssl
from http.client import HTTPConnection, HTTPSConnection

from django.conf import settings

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(OSError):
    """The server's name leads to an address that is not public."""


def public_address(host: str, port: int) -> str:
    """Return the address to connect to, all that the name leads to being public; raise NotPublic, or what the look-up raises."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(address):
            raise NotPublic(f"{host} leads to {address}, which is not a public address. This installation connects to no such server.")
    return found[0]


def is_public(text: str) -> bool:
    """Say whether an address is one of the public internet, also one that is written inside another."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (address, *_inside(address)))


def _inside(address: Address) -> list[Address]:
    """Return the IPv4 addresses that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    teredo = address.teredo or ()
    translated = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in _NAT64 else []
    return [each for each in (address.ipv4_mapped, address.sixtofour, *teredo, *translated) if each]


def line_to(scheme: str, host: str, port: int | None, *, timeout: float) -> HTTPConnection:
    """Connect to the very address that was looked at: a name that leads elsewhere a moment later leads nowhere. Raises OSError."""
    port = port or (443 if scheme == "https" else 80)
    address = host if settings.PRIVATE_MAIL_SERVERS else public_address(host, port)
    plain = socket.create_connection((address, port), timeout)
    line: HTTPConnection = HTTPConnection(host, port, timeout=timeout)
    if scheme == "https":
        line = HTTPSConnection(host, port, timeout=timeout)
        line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    else:
        line.sock = plain
    return line
