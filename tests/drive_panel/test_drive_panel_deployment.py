"""What is shown of running the service under systemd and behind a proxy is right, as far as it can be tried here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
# Installed here, or unpacked by scripts/setup, which installs no server that would start.
_PLACES = ("/usr/sbin", str(ROOT / ".venv" / "unpacked" / "usr" / "sbin"))
NGINX = shutil.which("nginx") or shutil.which("nginx", path=os.pathsep.join(_PLACES))
PROGRAM = Path(sys.executable).with_name("drive-panel")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with this checkout where they expect the program."""
    folder = shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for place in folder.rglob("*.service"):
        place.write_text(place.read_text(encoding="utf-8").replace("/opt/drive-panel", str(ROOT)), encoding="utf-8")
    return folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (Debian's systemd)")
def test_the_units_are_valid_and_expose_little(units: Path) -> None:
    names = sorted(place.name.replace("@.", "@castlebridge.") for place in units.glob("drive-panel-*.service"))
    assert len(names) == 11
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(units / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "drive-panel" in line]) == (0, [])
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(units / "drive-panel-web.service")],
        capture_output=True,
        text=True,
        check=True,
    )
    exposure = re.search(r"exposure level for drive-panel-web.service: ([\d.]+)", told.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= 2.0


def test_every_command_of_the_units_and_the_guide_is_one_of_the_program() -> None:
    texts = [place.read_text(encoding="utf-8") for place in (DEPLOY / "systemd").glob("*.service")]
    texts.append((ROOT / "docs" / "guides" / "operator.md").read_text(encoding="utf-8"))
    called = r"(?:bin/|`)drive-panel (?:--home \S+ )?((?:[a-z]+ ?)+)"
    commands = {tuple(found.split()) for text in texts for found in re.findall(called, text)}
    assert {("serve",), ("work",), ("ledger", "verify"), ("db", "backup")} <= commands
    for command in sorted(commands):
        assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0, command


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (Debian's systemd)")
def test_what_hands_a_command_the_owners_address_is_valid_as_a_unit(tmp_path: Path) -> None:
    words = shlex.split((DEPLOY / "as-owner").read_text(encoding="utf-8").replace("\\\n", " "), comments=True)
    properties = [word.partition("=")[2] for word in words if word.startswith("--property=")]
    assert "LoadCredential=drive_panel_database_url:/etc/drive-panel/credentials/database_url" in properties
    assert words[-2:] == ["/opt/drive-panel/.venv/bin/drive-panel", "$@"]
    unit = tmp_path / "owner.service"
    lines = ["[Service]", "Type=oneshot", *properties, f"ExecStart={PROGRAM} runs"]
    unit.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "owner.service" in done.stderr) == (0, False), done.stderr


@pytest.mark.skipif(NGINX is None, reason="needs nginx (Debian's nginx-light)")
def test_the_proxys_configuration_is_valid(tmp_path: Path) -> None:
    subject = ["-subj", "/CN=panel.example", "-days", "2", "-nodes", "-newkey", "rsa:2048", "-x509"]
    keys = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run(["openssl", "req", *subject, *keys], capture_output=True, check=True)
    text = (DEPLOY / "nginx" / "drive-panel.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/drive-panel/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    text = text.replace("/etc/nginx/drive-panel-proxy.conf", str(DEPLOY / "nginx" / "drive-panel-proxy.conf"))
    whole = tmp_path / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{scratch}{text}\n}}\n", encoding="utf-8")
    done = subprocess.run(
        [str(NGINX), "-e", "stderr", "-t", "-c", str(whole)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, int, Path]]:
    """An empty demonstration served on a socket, with its metrics' port and its log."""
    home, place, log = tmp_path / "home", tmp_path / "web.sock", tmp_path / "web.log"
    home.mkdir()
    (home / "mode").write_text("demo", encoding="utf-8")
    subprocess.run([PROGRAM, "--home", home, "runs"], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PROGRAM, "--home", home, "serve", "--socket", place, "--metrics-port", str(port), "--no-publish"]
    with log.open("wb") as out, subprocess.Popen(command, stderr=out) as process:
        for _ in range(600):
            if place.exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        yield place, port, log
        os.kill(process.pid, signal.SIGTERM)


def test_a_served_process_answers_on_its_socket_and_tells_its_metrics_on_loopback(
    served: tuple[Path, int, Path],
) -> None:
    place, port, log = served
    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(place)), base_url="http://127.0.0.1") as client:
        assert client.get("/health/ready").json()["status"] == "ready"
        assert client.get("/metrics").status_code == 404
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        told = answer.read().decode()
    assert 'drive_panel_ready{part="ledger"} 1.0' in told
    assert 'route="/health/ready",status="2xx"' in told
    lines = log.read_text(encoding="utf-8").splitlines()
    requests = [line for line in lines if '"event": "request"' in line]
    assert len(requests) == 2
    assert '"route": "/health/ready"' in requests[0]
