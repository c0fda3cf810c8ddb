from pathlib import Path

import httpx

from tests.servers import Installation


def loaded_files(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_the_web_process_never_loads_tensorflow_or_scikit_learn(installation: Installation) -> None:
    """Whatever the other tests have asked it for."""
    for path in [
        "/",
        "/courses/deep-learning-with-keras/",
        "/api/v1/sandbox/schema/",
        "/api/v1/schema/",
        "/health/",
    ]:
        assert httpx.get(installation.url + path, timeout=30).status_code in {200, 401}, path
    loaded = loaded_files(installation.web.pid)
    assert "site-packages" in loaded, "the map of the process shows compiled modules"
    for name in ["tensorflow", "sklearn", "scipy", "h5py"]:
        assert f"/{name}/" not in loaded
