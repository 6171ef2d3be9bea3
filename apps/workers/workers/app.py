"""The procrastinate application; also what `procrastinate --app workers.app.app` needs."""

import os

from procrastinate import App, PsycopgConnector

#: Seconds; without it a peer that accepts and never answers is waited for without end.
CONNECT_TIMEOUT = 5

#: Seconds to wait for a connection of the pool, so that a stop does not hang on a lost database.
POOL_TIMEOUT = 5

app = App(
    connector=PsycopgConnector(
        conninfo=os.environ.get("DATABASE_URL", ""),
        kwargs={"connect_timeout": CONNECT_TIMEOUT},
        min_size=1,
        max_size=4,
        timeout=POOL_TIMEOUT,
    ),
    import_paths=["workers.tasks"],
)
