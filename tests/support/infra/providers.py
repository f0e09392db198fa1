"""Where Terraform gets its providers from: the public registry, else a mirror on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.support.infra.terraform import TerraformError, terraform
from tests.support.road.lakehouse import PROJECT

# Where add-on packages lie, by the file system's standard: Terraform itself looks for mirrors in
# the second and the third.
_PLACES: Final = ("/opt", "/usr/share", "/usr/local/share")


class NoProvidersError(Exception):
    """No provider can be had."""


def providers_environment(folder: Path) -> Mapping[str, str]:
    """Return the environment in which Terraform finds its providers.

    Args:
        folder: For what is tried, and for a configuration.

    Raises:
        NoProvidersError: Neither the registry nor a mirror has them.
    """
    if shutil.which("terraform") is None:
        raise NoProvidersError(
            "terraform is not on the PATH: install Terraform 1.10 or later "
            "(developer.hashicorp.com/terraform/install)"
        )
    # One copy for all modules that use it.
    cache = folder / "cache"
    cache.mkdir(parents=True)
    told: list[str] = []
    for settings in ({}, *_mirrors(folder)):
        environment = {"TF_PLUGIN_CACHE_DIR": str(cache), "CHECKPOINT_DISABLE": "1", **settings}
        if (failure := _failure(folder / f"tried-{len(told)}", environment)) is None:
            return environment
        told.append(failure)
    raise NoProvidersError("Terraform gets no providers:\n" + "\n".join(told))


def _mirrors(folder: Path) -> Iterator[dict[str, str]]:
    for place in _PLACES:
        for provider in Path(place).glob("*/*/hashicorp/aws"):
            file = folder / "mirror.tfrc"
            file.write_text(
                "provider_installation {\n"
                f'  filesystem_mirror {{\n    path = "{provider.parents[2]}"\n  }}\n}}\n'
            )
            yield {"TF_CLI_CONFIG_FILE": str(file)}


def _failure(folder: Path, environment: Mapping[str, str]) -> str | None:
    folder.mkdir()
    # The same constraints as everywhere in infra/; the backend is not tried.
    text = (PROJECT / "infra" / "modules" / "lake" / "versions.tf").read_text(encoding="utf-8")
    (folder / "versions.tf").write_text(text, encoding="utf-8")
    try:
        terraform(folder, "init", **environment)
    except TerraformError as error:
        return str(error)
    return None
