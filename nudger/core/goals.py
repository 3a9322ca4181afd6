"""Daily goals and function gates: what a day at a stage asks for, and what has to be shown before the next one.

Both are tables by stage. A day on which less than four hours were monitored counts neither for nor against its goals.
Numbers are our own choice where no source is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
