"""The procrastinate application; also what `procrastinate --app workers.app.app` needs."""

import os

from procrastinate import App, PsycopgConnector

#: Seconds; without it a peer that accepts and never answers is waited for without end.
CONNECT_TIMEOUT = 5

#: Seconds to wait for a connection of the pool, so that a stop does not hang on a lost database.
POOL_TIMEOUT = 5

#: Where procrastinate's tables are; it names them without their schema.
SEARCH_PATH = "-c search_path=queue,pg_catalog"

connector = PsycopgConnector(
    conninfo=os.environ.get("DATABASE_URL", ""),
    kwargs={"connect_timeout": CONNECT_TIMEOUT, "options": SEARCH_PATH, "application_name": "workers"},
    min_size=1,
    max_size=4,
    timeout=POOL_TIMEOUT,
)

app = App(connector=connector, import_paths=["workers.tasks"])
