"""``python -m cli`` is ``guanyun``: how one process of ours starts another under the same Python."""

from __future__ import annotations

from cli.main import main

if __name__ == "__main__":
    main()
