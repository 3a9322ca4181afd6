"""Runs nudger on a computer whose zone is what LOCALTIME links to; what follows is nudger's own command line."""

from __future__ import annotations

import sys
from pathlib import Path

from nudger.cli.main import main
from nudger.config.zone import system_zone

system_zone.__defaults__ = (Path(sys.argv.pop(1)),)
main(prog_name="nudger")
