"""``python -m glassnet``: the command line."""

from glassnet.apps.cli import main

raise SystemExit(main())
