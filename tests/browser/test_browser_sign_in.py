"""Signing in with a provider on this machine, in a real browser: its rules for cookies, redirects and forms hold."""

from __future__ import annotations

import importlib.util
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from serving import Batch, Role
from serving.web import WebSettings, create_app
from serving.web.settings import Provider

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")]


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def address(issuer: str, tmp_path: Path) -> Iterator[str]:
    """A real (not a demonstration's) application that is reached without a proxy, on this machine only."""
    path = Path(__file__).parents[1] / "serving" / "conftest.py"
    spec = importlib.util.spec_from_file_location("serving_documents_again", path)
    assert spec is not None
    assert spec.loader is not None
    documents = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = documents
    spec.loader.exec_module(documents)
    service = Batch(tmp_path / "panel.db", tmp_path / "scores.db", tmp_path / "keys", documents.Clock())
    config = uvicorn.Config(lambda scope: None, host="127.0.0.1", port=0, log_level="error")
    socket = config.bind_socket()
    here = f"http://127.0.0.1:{socket.getsockname()[1]}"
    provider = Provider("Force account", issuer, "drive-panel", "made up", here, roles={"dp-chair": Role.CHAIR})
    settings = WebSettings(demo=False, secure_cookies=False, provider=provider, hosts=frozenset({"127.0.0.1"}))
    server = uvicorn.Server(uvicorn.Config(create_app(service, settings), log_level="error"))
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield here
    server.should_exit = True
    thread.join()
    service.close()


def test_a_person_signs_in_and_out_in_a_browser(
    browser: Any, issuer: str, address: str, flaws: Callable[[Any], list[str]]
) -> None:
    claims = {"roles": ["dp-chair"], "name": "Casey Field", "preferred_username": "casey@force.example"}
    httpx2.put(f"{issuer}/users/casey", json=claims).raise_for_status()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/sign-in/back?state=none")
    assert (page.inner_text("h1"), flaws(page)) == ("You are not signed in", [])
    page.goto(f"{address}/about")
    assert flaws(page) == []
    page.click("text=Sign in with Force account")
    page.fill("input[name=sub]", "casey")
    with page.expect_navigation(url=f"{address}/about"):
        page.keyboard.press("Enter")
    assert "Casey Field, chair" in page.inner_text(".dp-header__who")
    cookies = {cookie["name"]: cookie for cookie in context.cookies(address)}
    assert set(cookies) == {"panel"}  # the one of the ten minutes is gone
    assert (cookies["panel"]["httpOnly"], cookies["panel"]["sameSite"]) == (True, "Lax")
    page.click("text=Sign out")
    page.wait_for_url(f"{address}/signed-out")
    assert context.cookies(address) == []
    assert flaws(page) == []
    page.click("text=Sign out of Force account too")
    page.wait_for_url(f"{issuer}/oauth2/end_session?*")
    context.close()
