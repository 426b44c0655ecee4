"""The registry: one model, one version a bundle, and aliases that say what scores and what is released.

Aliases and fairness states are computed elsewhere from the workspace and the ledger, and put right here; what was
changed in MLflow by hand is told and overwritten. Aliases by other names are left alone.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from models import Bundle
from training.tracking.pyfunc import log_model
from training.tracking.store import DATABASE, PATIENCE, Store, open_store

MODEL = "drive-panel-ranker"
CHAMPION, RELEASED = "champion", "released-"
_BUNDLE, _FAIRNESS = "bundle", "fairness"
_MOST = 1_000


@dataclass(frozen=True)
class Change:
    """One alias that was put right; bundles by hash, None where the alias was not there or is gone."""

    alias: str
    was: str | None
    now: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Return the keys that commands print."""
        return asdict(self)


def register(store: Store, run: str, bundle: Bundle, promoted: bool) -> None:
    """Make the bundle a version of the registered model, or link the active run to the version that there is.

    What a killed process left half logged is removed; what it logged and did not register is registered.
    """
    known = _versions(store.client).get(str(bundle.hash))
    if known is not None:
        _link(store, run, str(known.model_id))
        return
    model = _logged(store, run, bundle) or log_model(store.mlflow, bundle)
    tags = {
        _BUNDLE: str(bundle.hash),
        "kind": bundle.kind,
        "catalogue": bundle.catalogue_version,
        "promoted": str(promoted).lower(),
        "for_panel": str(bundle.for_panel).lower(),
        _FAIRNESS: "not audited",
    }
    with contextlib.redirect_stderr(io.StringIO()):  # it prints what it registers
        store.mlflow.register_model(f"models:/{model}", MODEL, tags=tags)


def _link(store: Store, run: str, model: str) -> None:
    from mlflow.entities import LoggedModelOutput

    outputs = store.client.get_run(run).outputs
    if model not in {each.model_id for each in (outputs.model_outputs if outputs else ())}:
        store.client.log_outputs(run, [LoggedModelOutput(model, step=0)])


def _logged(store: Store, run: str, bundle: Bundle) -> str | None:
    """Return the whole model that an earlier attempt at this run has logged, and remove what it left by halves."""
    from mlflow.entities import LoggedModelStatus

    whole = None
    for model in store.client.search_logged_models([store.experiment()], f"source_run_id = '{run}'"):
        if model.status == LoggedModelStatus.READY and model.tags.get(_BUNDLE) == bundle.hash:
            whole = str(model.model_id)
        else:
            shutil.rmtree(_folder(model.artifact_location), ignore_errors=True)
            store.client.delete_logged_model(model.model_id)
    return whole


def mirror(
    home: Path, aliases: Mapping[str, str], fairness: Mapping[str, str], patience: float = PATIENCE
) -> list[Change]:
    """Put the aliases and fairness states of the registered model right, and return what was changed.

    Parameters
    ----------
    home
        Folder of the MLflow store; where there is none nothing is done.
    aliases
        The bundle behind each alias, by hash. Every other alias that is called `CHAMPION` or begins with `RELEASED`
        is removed. A bundle that has no version (it was trained elsewhere) gets no alias.
    fairness
        The fairness state of bundles, by hash.
    patience
        Seconds to wait for another process that writes.

    Raises
    ------
    MirrorFailed
        If the store cannot be read or written.
    """
    if not (home / DATABASE).exists():
        return []
    with open_store(home, patience) as store, store.pointed_to():
        versions = _versions(store.client)
        for bundle, state in fairness.items():
            if bundle in versions and versions[bundle].tags.get(_FAIRNESS) != state:
                store.client.set_model_version_tag(MODEL, versions[bundle].version, _FAIRNESS, state)
        return _put_right(store.client, aliases, versions) if versions else []


def _put_right(client: Any, aliases: Mapping[str, str], versions: Mapping[str, Any]) -> list[Change]:
    wanted = {
        alias: bundle
        for alias, bundle in aliases.items()
        if bundle in versions and _holds(client, versions[bundle], bundle)
    }
    numbers = {str(version.version): bundle for bundle, version in versions.items()}
    there = {
        alias: numbers.get(str(number), f"version {number}")
        for alias, number in client.get_registered_model(MODEL).aliases.items()
        if alias == CHAMPION or alias.startswith(RELEASED)
    }
    changes = []
    for alias in sorted({*wanted, *there}):
        was, now = there.get(alias), wanted.get(alias)
        if was == now:
            continue
        if now is None:
            client.delete_registered_model_alias(MODEL, alias)
        else:
            client.set_registered_model_alias(MODEL, alias, versions[now].version)
        changes.append(Change(alias, was, now))
    return changes


def _holds(client: Any, version: Any, bundle: str) -> bool:
    """Say whether a version's own files are the bundle's: its tag could have been changed by hand."""
    location = client.get_model_version_download_uri(MODEL, version.version)
    return (_folder(location) / "artifacts" / bundle).is_dir()


def _folder(location: str) -> Path:
    """Return the folder behind a file URI, where a space or a letter beyond ASCII is percent-encoded."""
    return Path(unquote(urlparse(location).path))


def _versions(client: Any) -> dict[str, Any]:
    """Return the version of each bundle, by hash; the first where somebody has made a second."""
    found: dict[str, Any] = {}
    token = None
    while True:
        page = client.search_model_versions(f"name = '{MODEL}'", _MOST, ["version_number ASC"], token)
        for version in page:
            found.setdefault(version.tags.get(_BUNDLE, ""), version)
        token = page.token
        if not token:
            return {bundle: version for bundle, version in found.items() if bundle}
