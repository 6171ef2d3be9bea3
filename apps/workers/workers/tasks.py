"""What the workers can do."""

import logging

from workers.app import app

logger = logging.getLogger("workers")


@app.task(name="note_event")
async def note_event(event: str) -> None:
    """Note that an event arrived: the smallest job there is."""
    logger.info("event noted", extra={"event": event})
