"""The directory of the datasets' tests."""

from tests.tenants.datasets.conftest import directory_of

__all__ = ["directory_of"]
