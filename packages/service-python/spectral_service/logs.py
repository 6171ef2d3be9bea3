"""One JSON object a line on stdout, whoever logs it: the service, uvicorn or procrastinate."""

import json
import logging
import sys
from datetime import UTC, datetime

#: What every record carries by itself; everything else came in as `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

#: The Node services' names, so that one filter finds the warnings of all.
LEVELS = {logging.WARNING: "warn", logging.CRITICAL: "fatal"}


class JsonFormatter(logging.Formatter):
    """time, level, msg, service, then the extras."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as one line; a traceback becomes a field of it."""
        time = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": LEVELS.get(record.levelno, record.levelname.lower()),
            "msg": record.getMessage().strip(),
            "service": self.service,
        }
        if record.exc_info and record.exc_info[0]:
            line["trace"] = self.formatException(record.exc_info)
        for name, value in vars(record).items():
            if name not in STANDARD:
                line.setdefault(name, value)
        return json.dumps(line, default=str)


def configure_logging(service: str) -> None:
    """Send every logger of the process through one handler; call it first."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
