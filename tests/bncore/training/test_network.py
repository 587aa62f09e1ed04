"""Who may take part: where things listen, and certificates that decide beyond this machine."""

import re
import subprocess
import sys

import pytest
from distributed import Client, Security

from bncore.training import network
from bncore.training.network import SettingError
from tests.bncore.training.processes import ROOT, assert_complete, count, running, until


def pem_files(folder) -> dict[str, str]:
    """The three settings, with a certificate of our own that is its own authority."""
    made = Security.temporary()
    texts = {
        "BNLAB_TLS_CA": made.tls_ca_file,
        "BNLAB_TLS_CERT": made.tls_client_cert,
        "BNLAB_TLS_KEY": made.tls_client_key,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: str(folder / name) for name in texts}


def joins(address: str, certificates: Security | None) -> bool:
    """Whether a client with these certificates gets an answer from a scheduler."""
    try:
        with Client(address, security=certificates, timeout=5, set_as_default=False) as client:
            return bool(client.scheduler_info())
    except OSError:
        return False


# ---- settings ------------------------------------------------------------------------------


def test_without_settings_nothing_is_encrypted_and_nothing_open():
    assert network.listening_host({}) == "127.0.0.1"
    assert network.protocol(network.security({})) == "tcp"


def test_a_part_of_the_certificates_is_refused(tmp_path):
    settings = pem_files(tmp_path)
    assert network.protocol(network.security(settings)) == "tls"
    for name in settings:
        rest = {other: value for other, value in settings.items() if other != name}
        with pytest.raises(SettingError, match=f"not set: {name}"):
            network.security(rest)
        with pytest.raises(SettingError, match=f"{name} names a file"):
            network.security({**settings, name: str(tmp_path / "nowhere")})


@pytest.mark.parametrize("address", ["", "10.0.0.5", "http://10.0.0.5:80", "tcp://:1", "tcp://a:b"])
def test_what_is_no_address(address):
    with pytest.raises(SettingError, match="looks like tcp://"):
        network.with_protocol(address, network.security({}))


def test_an_open_address_with_certificates_is_refused(tmp_path):
    certificates = network.security(pem_files(tmp_path))
    assert network.with_protocol("10.0.0.5:1", certificates) == "tls://10.0.0.5:1"
    with pytest.raises(SettingError, match="is not encrypted"):
        network.with_protocol("tcp://10.0.0.5:1", certificates)


def test_a_bad_setting_is_told_by_the_service(monkeypatch):
    monkeypatch.setenv("BNLAB_SCHEDULER", "tls://127.0.0.1:9")
    with running() as service:
        assert service.readiness().state == "unavailable"
        assert "needs certificates" in service.readiness().message


def test_what_an_open_address_means_is_said(tmp_path):
    nothing = network.security({})
    assert "run any code" in network.what_it_means("0.0.0.0", nothing)
    certificates = network.security(pem_files(tmp_path))
    assert "certificate" in network.what_it_means("0.0.0.0", certificates)


# ---- with real processes -------------------------------------------------------------------


@pytest.mark.cluster
def test_the_local_scheduler_answers_nobody_but_its_server():
    with running(workers=1) as service:
        until(lambda: service.readiness().state == "ready")
        address = service.connection.client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        assert joins(address, service.connection.client.security)
        assert not joins(address, Security.temporary())  # encrypted, by somebody else
        assert not joins(address.replace("tls", "tcp"), None)
        worker = next(iter(service.connection.client.nthreads()))
        assert not joins(worker.replace("tls", "tcp"), None)
        assert_complete(service, service.submit(count(3)), 3)


@pytest.mark.cluster
def test_certificates_by_setting(tmp_path, monkeypatch):
    for name, value in pem_files(tmp_path).items():
        monkeypatch.setenv(name, value)
    module = [sys.executable, "-m"]
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        started.append(
            subprocess.Popen([*module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        )
        return started[-1]

    try:
        scheduler = start("bncore.training.scheduler", "--port", "0")
        address = re.search(r"tls://[\d.:]+", scheduler.stdout.readline())[0]
        assert "certificate" in scheduler.stdout.readline()
        start("bncore.training.workers", address, "--workers", "1", "--cold")
        monkeypatch.setenv("BNLAB_SCHEDULER", address)
        with running() as service:
            assert_complete(service, service.submit(count(3)), 3)
        assert not joins(address, Security.temporary())
        assert not joins(address.replace("tls", "tcp"), None)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(60)
