"""Which addresses a store's own mail server may have: public ones, so that nobody reaches what stands beside us by naming it (T14)."""

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(OSError):
    """The mail server's name leads to an address that is not public."""


def public_address(host: str, port: int) -> str:
    """Return the address to connect to, all that the name leads to being public; raise NotPublic, or what the look-up raises."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(address):
            raise NotPublic(f"{host} leads to {address}, which is not a public address. This installation connects to no such mail server.")
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
