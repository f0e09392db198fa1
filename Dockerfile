# dbt and the pulls of databases on a schedule (infra/modules/orchestration, database_source). What is
# written while they run is written in /scratch: the rest of the file system is read-only there.
# checkov:skip=CKV_DOCKER_2:A run ends, and its signs of life go to Step Functions
FROM python:3.13-slim AS build
COPY requirements.txt /build/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --requirement /build/requirements.txt \
 && mkdir /scratch

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/scratch \
    TMPDIR=/scratch \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RETAILPULSE_TARGET=athena
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=10001:10001 /scratch /scratch
WORKDIR /app
COPY dbt_project.yml profiles.yml selectors.yml ./
COPY macros macros
COPY models models
COPY seeds seeds
COPY tests/dbt tests/dbt
COPY ingestion ingestion
COPY retailpulse/__init__.py retailpulse/dbt_project.py retailpulse/errors.py retailpulse/
COPY retailpulse/cloud/__init__.py retailpulse/cloud/
COPY retailpulse/cloud/scheduled retailpulse/cloud/scheduled
USER 10001:10001
# An image that lacks a part of the project is not built. What dbt parsed is not kept: it holds for one
# profile, and each environment has its own buckets in it.
RUN dbt --log-level-file none parse --target-path /scratch/parsed \
 && rm -r /scratch/parsed
# Fargate gives its volume the owner that the folder has here
# (docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html); without this line, root.
VOLUME /scratch
ENTRYPOINT ["python", "-m", "retailpulse.cloud.scheduled"]
