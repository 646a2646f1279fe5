"""Where nothing is sent: our own network, by whatever name or notation it goes."""

import ipaddress
import socket

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from invoices.models import WebhookDelivery
from invoices.tasks import webhooks_deliver
from invoices.webhooks.addresses import NotAllowed, address_allowed, address_for, url_check
from invoices.webhooks.endpoints import endpoint_test
from tests.invoices.receiver import WHO, receiving, told

NOT_PUBLIC_4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
NOT_PUBLIC_6 = [
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "2001:db8::/32",
    "2002::/16",
    "2001::/32",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "::ffff:0:0/96",
    "::/96",
]


def inside(networks):
    def within(network):
        first, last = int(network.network_address), int(network.broadcast_address)
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        return st.integers(first, last).map(kind)

    return st.sampled_from([ipaddress.ip_network(text) for text in networks]).flatmap(within)


@given(inside(NOT_PUBLIC_4 + NOT_PUBLIC_6))
def test_no_address_of_a_private_or_special_network_is_allowed(address):
    assert not address_allowed(address)


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_an_ipv4_address_within_ipv6_is_never_allowed(address):
    for prefix in (0xFFFF << 32, 0, 0x64FF9B << 96, 0x2002 << 112):
        shift = 80 if prefix >> 112 == 0x2002 else 0
        assert not address_allowed(ipaddress.IPv6Address(prefix | int(address) << shift))


@given(st.ip_addresses())
def test_only_what_the_standard_library_calls_global_is_allowed(address):
    assert not address_allowed(address) or (address.is_global and not address.is_multicast)


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_public_addresses_are_allowed(text):
    assert address_allowed(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https:///path",
        "https://user:word@hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/ path",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/\r\nHost: other",
        "https://höoks.example.com/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://hooks.example.com/" + "a" * 500,
    ],
)
def test_such_a_url_is_refused_when_it_is_entered(url, db):
    with pytest.raises(ValidationError) as refused:
        told(url)
    assert list(refused.value.message_dict) == ["url"]


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]"])
def test_other_notations_of_this_machine_are_not_sent_to(host, db):
    target = url_check("https://hooks.example.com/")
    with pytest.raises(NotAllowed):
        address_for(type(target)(tls=True, host=host.strip("[]"), port=443, path="/"))


def _names(monkeypatch, answers):
    """A name server that gives these answers, one after the other; a literal address asks none."""
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host in ("127.0.0.1", "10.0.0.1"):
            return real(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_name_with_a_public_and_a_private_address_is_not_trusted(monkeypatch):
    _names(monkeypatch, [["93.184.216.34", "10.0.0.1"]])
    with pytest.raises(NotAllowed):
        address_for(url_check("https://hooks.example.com/"))


def test_a_name_is_resolved_once_for_each_try_and_connected_to_where_it_was_checked(
    db, monkeypatch, settings
):
    """A name that changes its mind between check and connection leads nowhere else."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["hooks.example.com"]
    with receiving() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        endpoint, _ = told(f"http://hooks.example.com:{port}/")
        endpoint_test(endpoint=endpoint, **WHO)
        _names(monkeypatch, [["127.0.0.1"]])
        webhooks_deliver()
        [(headers, _)] = receiver.got
        assert headers["Host"] == f"hooks.example.com:{port}"
    assert WebhookDelivery.objects.get().status == "delivered"


def test_a_network_on_the_list_is_as_good_as_a_public_one(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["10.1.0.0/16", "fd00::/8"]
    assert address_allowed(ipaddress.ip_address("10.1.2.3"))
    assert address_allowed(ipaddress.ip_address("fd12::1"))
    assert not address_allowed(ipaddress.ip_address("10.2.0.1"))
    assert url_check("http://10.1.2.3:8080/hooks").port == 8080
