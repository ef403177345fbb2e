# Three images of one file: `build` holds what is compiled, `pipeline` is what prod runs, `dagster` serves the orchestrator.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/clustering && \
    /opt/clustering/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY clustering clustering
COPY conf conf
RUN /opt/clustering/bin/python -m pip install --no-cache-dir --no-deps .

FROM build AS build-dagster
# an environment of its own: Dagster and Hydra want different ANTLR runtimes
RUN python -m venv /opt/dagster && \
    /opt/dagster/bin/python -m pip install --no-cache-dir -r clustering/ops/orchestration/requirements.txt && \
    /opt/dagster/bin/python -m pip install --no-cache-dir --no-deps .

FROM ${PYTHON} AS pipeline
COPY --from=build /opt/clustering /opt/clustering
RUN useradd --create-home --uid 10001 clustering && install -d -o clustering /work/data /work/outputs
ENV PATH=/opt/clustering/bin:$PATH PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 10001
ENTRYPOINT ["clustering"]
CMD ["--help"]

FROM pipeline AS dagster
COPY --from=build-dagster /opt/dagster /opt/dagster
ENV PATH=/opt/dagster/bin:$PATH CLUSTERING_COMMAND=/opt/clustering/bin/clustering DAGSTER_HOME=/work/outputs/dagster
ENTRYPOINT ["dagster"]
CMD ["--help"]

FROM pipeline
