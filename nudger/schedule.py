"""Calendar jobs that may be late: the daily backup, the retention of the journal, and when to speak of a walk or run.

APScheduler runs them. Deadlines that must not be late, breaks and check-ins, are not here: they come from
`engine.next_wakeup`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from nudger.clock import Clock
from nudger.config.settings import Settings
from nudger.store import Store, StoreError

log = logging.getLogger(__name__)

BACKUP_HOUR: Final = 12
"""An hour of the day that every time zone has every day: cron triggers lose or double days at night hours that DST
skips or repeats. At noon the machine is also likely to be on; a missed run is made up for once."""


class Schedule:
    """Runs the calendar jobs for as long as the context lasts."""

    def __init__(
        self, settings: Settings, store: Store, folder: Path, clock: Clock, plan_time: Callable[[str], None]
    ) -> None:
        """Backups go to ``folder``/backups; ``plan_time`` is told for whom the time of a plan prompt has come."""
        self._settings = settings
        self._store = store
        self._folder = folder / "backups"
        self._clock = clock
        self._plan_time = plan_time
        # A late job is run once, however late: a laptop that slept through noon still gets its backup.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=settings.zone, job_defaults=defaults)

    async def __aenter__(self) -> Self:
        """Start the jobs."""
        self._scheduler.start()
        self.adopt(self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the jobs."""
        self._scheduler.shutdown(wait=False)

    def adopt(self, settings: Settings) -> None:
        """Go by these settings from now on."""
        self._settings = settings
        trigger = CronTrigger(hour=BACKUP_HOUR, timezone=settings.zone)
        self._scheduler.remove_all_jobs()
        self._scheduler.add_job(self.keep_house, trigger, id="keep_house")
        for person in settings.people.values():
            for at in person.plan_at:
                hour, minute = divmod(round(at / timedelta(minutes=1)), 60)
                trigger = CronTrigger(hour=hour % 24, minute=minute, timezone=settings.zone)
                self._scheduler.add_job(self._plan_time, trigger, args=(person.id,))

    def wake_up(self) -> None:
        """Look at the calendar again: the clock was set, or the host slept."""
        self._scheduler.wakeup()

    def keep_house(self) -> None:
        """Back the database up and drop journal rows that are too old. Bouts, breaks and prompts are kept for good."""
        now = self._clock.now()
        try:
            self._store.prune(now - timedelta(days=self._settings.history_days))
            if self._settings.backups_keep:
                self._store.backup(self._folder, keep=self._settings.backups_keep, now=now)
        except (StoreError, OSError) as error:
            log.warning("the daily backup failed and will be tried again tomorrow: %s", error)
