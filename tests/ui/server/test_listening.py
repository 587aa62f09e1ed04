"""A server listens on this machine alone; one that is opened says what that means."""

import pytest

from tests.bncore.training.processes import listening
from tools.browser import NO_WORKERS, start_server
from ui.server.listening import warning


@pytest.mark.parametrize(
    ("address", "told"),
    [("127.0.0.1", ""), ("localhost", ""), ("::1", ""), ("0.0.0.0", "on 0.0.0.0"), (None, "every")],
)
def test_only_an_open_address_is_worth_a_word(address, told):
    assert told in warning(address)
    assert bool(warning(address)) == bool(told)


@pytest.mark.cluster
def test_a_real_server_is_opened_by_a_setting(tmp_path):
    """That it listens on this machine alone without it is told in tests/deploy."""
    server = start_server(tmp_path / "log", environment={**NO_WORKERS, "BNLAB_HOST": "0.0.0.0"})
    try:
        assert listening(server.process.pid) == {"0.0.0.0"}
    finally:
        server.stop()
    assert "listens on 0.0.0.0" in server.log.read_text()
