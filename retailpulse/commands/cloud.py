"""`retailpulse cloud`: an environment on AWS, made, tried and taken down.

The Makefile's targets call these. Credentials and region come from the environment, as boto3 and
Terraform find them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from retailpulse.cloud.aws_errors import told_in_one_sentence
from retailpulse.cloud.deployment.account import Account, find_account
from retailpulse.cloud.deployment.bootstrap import destroy_bootstrap, make_bootstrap
from retailpulse.cloud.deployment.environment import (
    deployed,
    environment_file,
    init_environment,
    shell_lines,
    state_machines,
)
from retailpulse.cloud.deployment.governance import findings
from retailpulse.cloud.deployment.image_build import build_image, committed
from retailpulse.cloud.deployment.smoke import Clients, send_order
from retailpulse.cloud.deployment.start_run import run_dbt
from retailpulse.cloud.deployment.state import bucket_is_there, state_bucket
from retailpulse.cloud.deployment.stop_runs import Clients as RunClients
from retailpulse.cloud.deployment.stop_runs import Runs, stop_runs
from retailpulse.cloud.deployment.terraform import Terraform, find_terraform
from retailpulse.cloud.scheduled.kinds import Kind
from retailpulse.cloud.scheduled.repair import Repair
from retailpulse.commands.followed_feeds import followed_feeds
from retailpulse.errors import SetupError
from retailpulse.local.home import find_home
from retailpulse.terminal import Terminal

NAME: Final = "retailpulse"
_DATE: Final = ["%Y-%m-%d"]
_NO_IMAGE: Final = f"{{0.id}}.dkr.ecr.{{0.region}}.amazonaws.com/{NAME}@sha256:{'0' * 64}"


class _Commands(TyperGroup):
    """Tells what AWS refuses in one sentence."""

    def invoke(self, ctx: Any) -> Any:
        with told_in_one_sentence():
            return super().invoke(ctx)


app = typer.Typer(
    name="cloud",
    cls=_Commands,
    help="An environment on AWS: made, tried, taken down.",
    no_args_is_help=True,
)

_Environment = Annotated[
    str, typer.Argument(help="The environment: a file of infra/main/environments, such as dev.")
]
_AutoApprove = Annotated[
    bool, typer.Option("--auto-approve", help="Make the changes without asking.")
]
_Package = Annotated[Path, typer.Option(help="The ingester's zip, as `make package` builds it.")]
_Repository = Annotated[
    str | None,
    typer.Option(
        envvar="GITHUB_REPOSITORY",
        help="The repository whose workflows deploy, as owner/name; without one none may.",
    ),
]
_SubjectPrefix = Annotated[
    str | None,
    typer.Option(
        envvar="GITHUB_SUBJECT_PREFIX",
        help="What the subject of its tokens begins with, if not repo:<owner>/<name>.",
    ),
]
_IdentityProvider = Annotated[
    str | None,
    typer.Option(
        envvar="GITHUB_IDENTITY_PROVIDER_ARN",
        help="GitHub's identity provider, if the account has it already.",
    ),
]


@dataclass(frozen=True)
class _Cloud:
    """The checkout and the account it is deployed to."""

    project: Path
    account: Account
    auto_approve: bool

    @property
    def emulated(self) -> bool:
        """Whether AWS is an emulator: Terraform's own variable says so."""
        return os.environ.get("TF_VAR_emulated") == "true"  # noqa: SIM112 - Terraform's name

    @cached_property
    def state_bucket(self) -> str:
        """The bucket of Terraform's states."""
        return state_bucket(NAME, self.account)

    def client(self, service: str) -> Any:
        """Return a client of the account's."""
        import boto3

        make: Any = boto3.client
        return make(service)

    def bootstrap(self, environment: str, **github: str | None) -> Terraform:
        """Return Terraform on what is once an account; what is None is as the module has it."""
        environment_file(self.project / "infra" / "main", environment)
        given = {name: value for name, value in github.items() if value is not None}
        return Terraform(
            self.project / "infra" / "bootstrap",
            {"environment": environment, **given},
            auto_approve=self.auto_approve,
        )

    def require_bootstrap(self) -> None:
        """Check that the account has what an environment needs.

        Raises:
            SetupError: It has not.
        """
        if not bucket_is_there(self.client("s3"), self.state_bucket, self.account):
            raise SetupError(
                f"there is no bucket {self.state_bucket} for Terraform's state: "
                "run `make bootstrap` first"
            )

    def main(self, environment: str) -> Terraform:
        """Return Terraform on an environment, ready to use its state."""
        root = self.project / "infra" / "main"
        file = environment_file(root, environment)
        self.require_bootstrap()
        if repository := os.environ.get("GITHUB_REPOSITORY"):
            # Terraform's environment gives way to the variables of the file.
            runbooks = f"https://github.com/{repository}/blob/main/docs/runbooks"
            os.environ.setdefault("TF_VAR_runbooks_url", runbooks)
        terraform = Terraform(root, variables_file=file, auto_approve=self.auto_approve)
        init_environment(
            terraform, environment, self.state_bucket, self.account, emulated=self.emulated
        )
        return terraform


def _find_cloud(*, auto_approve: bool) -> _Cloud:
    return _Cloud(find_home().project, find_account(), auto_approve)


@app.command()
def bootstrap(
    environment: _Environment,
    *,
    github_repository: _Repository = None,
    github_subject_prefix: _SubjectPrefix = None,
    github_identity_provider_arn: _IdentityProvider = None,
    auto_approve: _AutoApprove = False,
) -> None:
    """Make what an account needs once: the states' bucket, the image's repository, CI's roles."""
    cloud = _find_cloud(auto_approve=auto_approve)
    outputs = make_bootstrap(
        cloud.bootstrap(
            environment,
            github_repository=github_repository,
            github_subject_prefix=github_subject_prefix,
            github_identity_provider_arn=github_identity_provider_arn,
        ),
        NAME,
        cloud.account,
        cloud.client("s3"),
        emulated=cloud.emulated,
    )
    terminal = Terminal()
    for name, value in outputs.items():
        if value is not None:
            terminal.say(f"{name}: {value}")


@app.command()
def check(environment: _Environment) -> None:
    """Check, before anything is built, that the environment can be deployed."""
    file = environment_file(find_home().project / "infra" / "main", environment)
    find_terraform()
    cloud = _find_cloud(auto_approve=False)
    cloud.require_bootstrap()
    for finding in findings(cloud.client, file.read_text()):
        typer.echo(f"note: {finding}", err=True)


@app.command()
def repository() -> None:
    """Print the address of the repository for the image that runs dbt."""
    cloud = _find_cloud(auto_approve=False)
    cloud.require_bootstrap()
    missing = f"there is no image repository {NAME}: run `make bootstrap`, which makes it"
    with told_in_one_sentence({"RepositoryNotFoundException": missing}):
        found = cloud.client("ecr").describe_repositories(repositoryNames=[NAME])
    typer.echo(found["repositories"][0]["repositoryUri"])


@app.command(name="build-image")
def build() -> None:
    """Build the image on AWS, from the commit that is checked out, and name it in dist/image."""
    cloud = _find_cloud(auto_approve=False)
    cloud.require_bootstrap()
    source = committed(cloud.project)
    terminal = Terminal()
    if source.has_more:
        terminal.say("What is not committed is left out")
    missing = (
        "there is no CodeBuild project for the image: "
        "run `TF_VAR_image_builds=true make bootstrap ENV=…`, which makes it"
    )
    with (
        told_in_one_sentence({"ResourceNotFoundException": missing}),
        terminal.step(f"Building the image of {source.commit} on AWS") as step,
    ):
        image = build_image(
            cloud.client("codebuild"),
            cloud.client("s3"),
            NAME,
            cloud.state_bucket,
            cloud.account,
            source,
            step,
        )
    file = cloud.project / "dist" / "image"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{image}\n")
    terminal.say(image)


@app.command()
def plan(
    environment: _Environment,
    *,
    package: _Package,
    image: Annotated[
        str | None, typer.Option(help="Instead of the image that is deployed, by its digest.")
    ] = None,
) -> None:
    """Show what `deploy` would change."""
    cloud = _find_cloud(auto_approve=False)
    terraform = cloud.main(environment)
    planned = image or terraform.outputs().get("image")
    if planned is None:
        raise SetupError("nothing is deployed in this environment: name the image, IMAGE=…")
    replace(terraform, variables=_variables(planned, package)).plan()


@app.command()
def deploy(
    environment: _Environment,
    *,
    image: Annotated[
        str, typer.Option(help="The image that runs dbt, by its digest: <repository>@sha256:….")
    ],
    package: _Package,
    auto_approve: _AutoApprove = False,
) -> None:
    """Make an environment, or bring it up to date."""
    cloud = _find_cloud(auto_approve=auto_approve)
    variables = _variables(image, package)
    terraform = replace(cloud.main(environment), variables=variables)
    terraform.apply()
    shell = cloud.project / "build" / f"{environment}.environment"
    shell.parent.mkdir(exist_ok=True)
    shell.write_text(shell_lines(terraform.outputs()))
    terminal = Terminal()
    terminal.say(f"Deployed {image}")
    terminal.say(f"Next: make smoke ENV={environment}; source build/{shell.name}")


def _variables(image: str, package: Path) -> dict[str, str]:
    if not package.is_file():
        raise SetupError(f"there is no package {package}: `make package` builds it")
    return {"image": image, "package": str(package.absolute())}


@app.command()
def smoke(environment: _Environment) -> None:
    """Send an order and wait until gold has it; pull a row of each database, drop a file."""
    cloud = _find_cloud(auto_approve=False)
    target = deployed(cloud.main(environment).outputs())
    send_order(
        target,
        Clients(
            events=cloud.client("events"),
            s3=cloud.client("s3"),
            stepfunctions=cloud.client("stepfunctions"),
            athena=cloud.client("athena"),
        ),
        Terminal(),
        followed_feeds(find_home().project) if target.drop_bucket else (),
    )


@app.command()
def run(
    environment: _Environment,
    kind: Annotated[Kind, typer.Argument(help="What dbt does; a repair is told by the options.")],
    *,
    select: Annotated[
        str | None, typer.Option(help="Repair these nodes, by dbt's selection syntax.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build the nodes from all of their history.")
    ] = False,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DATE, help="Repair from this day of arrival, UTC."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=_DATE, help="The day after the last, UTC.")
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild", help="Build silver and gold beside the tables in use, and swap them."
        ),
    ] = False,
    same_orders: Annotated[
        bool,
        typer.Option(
            "--same-orders",
            help="In a rebuild, take an id that several sources gave to orders for one order.",
        ),
    ] = False,
) -> None:
    """Run dbt as the schedule does, or repair tables, under the lease; wait for its end."""
    # Refused here if it must be, and not by the container, minutes later.
    arguments: list[str] = []
    if kind is Kind.REPAIR:
        arguments = Repair(
            *(select, full_refresh, first and first.date(), end and end.date()),
            rebuild=rebuild,
            same_orders=same_orders,
        ).arguments()
    elif select or full_refresh or first or end or rebuild or same_orders:
        raise SetupError(f"a {kind} run has no options: they are a repair's")
    cloud = _find_cloud(auto_approve=False)
    target = deployed(cloud.main(environment).outputs())
    terminal = Terminal()
    with terminal.step(f"Running dbt: {' '.join([kind, *arguments])}") as step:
        outcome = run_dbt(
            cloud.client("stepfunctions"), target.state_machine_arn, kind, step, arguments
        )
    terminal.say(
        "The run succeeded"
        if outcome == "succeeded"
        else "Nothing was run: another run holds the lease"
    )


@app.command()
def destroy(
    environment: _Environment, *, package: _Package, auto_approve: _AutoApprove = False
) -> None:
    """Stop an environment's runs and delete it; where force_destroy is set, with all it holds."""
    cloud = _find_cloud(auto_approve=auto_approve)
    # Terraform reads the whole description before it deletes, also of what a deployment that failed
    # halfway has left, which tells no image.
    terraform = cloud.main(environment)
    outputs = terraform.outputs()
    image = outputs.get("image", _NO_IMAGE.format(cloud.account))
    destroyed = replace(terraform, variables=_variables(image, package))
    if {"state_machine", "cluster"} <= outputs.keys():
        if not auto_approve:
            typer.confirm(
                f"Before {environment} can be destroyed its runs are stopped and its schedules "
                "disabled. Go on?",
                abort=True,
            )
        stop_runs(
            Runs(NAME, state_machines(outputs), outputs["cluster"]["arn"]),
            RunClients(*(cloud.client(name) for name in ("scheduler", "stepfunctions", "ecs"))),
            Terminal(),
        )
    destroyed.destroy()


@app.command(name="destroy-bootstrap")
def destroy_account(
    environment: _Environment,
    *,
    github_repository: _Repository = None,
    github_subject_prefix: _SubjectPrefix = None,
    github_identity_provider_arn: _IdentityProvider = None,
    auto_approve: _AutoApprove = False,
) -> None:
    """Delete what `bootstrap` made, after the environment."""
    cloud = _find_cloud(auto_approve=auto_approve)
    destroy_bootstrap(
        cloud.bootstrap(
            environment,
            github_repository=github_repository,
            github_subject_prefix=github_subject_prefix,
            github_identity_provider_arn=github_identity_provider_arn,
        ),
        NAME,
        cloud.account,
        cloud.client("s3"),
        emulated=cloud.emulated,
    )
