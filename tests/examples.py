"""The documents of ``examples/`` that most installations of tests begin with: each is read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from governance.catalogue import CatalogueDocument, PriceFile, read_catalogue, read_price_file
from governance.contracts import ContractDocument, read_contract

FOLDER = Path(__file__).resolve().parents[1] / "examples"


@cache
def catalogue(name: str = "catalogue") -> CatalogueDocument:
    """A catalogue, by its file's name."""
    read, findings = read_catalogue(FOLDER / f"{name}.yaml")
    assert findings == ()
    assert read is not None
    return read


@cache
def prices(name: str = "prices") -> PriceFile:
    """Notices and price lists."""
    read, findings = read_price_file(FOLDER / f"{name}.yaml")
    assert findings == ()
    assert read is not None
    return read


@cache
def contract() -> ContractDocument:
    """The one contract."""
    read, findings = read_contract(FOLDER / "contract.yaml")
    assert findings == ()
    assert read is not None
    return read
