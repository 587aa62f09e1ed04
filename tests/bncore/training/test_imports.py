"""What the web process imports before it answers."""

import subprocess
import sys


def test_the_service_is_there_before_dask_is_imported():
    """Half a second of imports; the thread that looks after the cluster makes them."""
    code = (
        "import sys, bncore.training.service; "
        "sys.exit(int(bool({'distributed', 'dask', 'tensorflow'} & set(sys.modules))))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
