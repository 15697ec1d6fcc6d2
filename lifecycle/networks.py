"""Where a request comes from, as far as it is needed for counting: the network, never the address."""

from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """Return the network a request comes from: what one household or office has (IPv4 /24, IPv6 /56)."""
    address = ip_address(get_adapter(request).get_client_ip(request).partition("%")[0])
    return str(ip_network(f"{address}/{24 if address.version == 4 else 56}", strict=False))


def known_network_of(request: HttpRequest) -> str:
    """Return the network a request comes from; "" where nobody can say."""
    try:
        return network_of(request)
    except (ValueError, PermissionDenied):
        return ""
