"""Datasets 数据资源目录: compiled by their holder, reviewed, aggregated, graded, masked, published; coverage.

Owns what is listed and how far it has come. Who may use a dataset is ``tenants.grants``'s; the data itself is not here.
"""

from tenants.datasets.compiling import compile_datasets, count_holdings
from tenants.datasets.documents import read_datasets, read_grading
from tenants.datasets.model import (
    Coverage,
    DataItem,
    Dataset,
    DatasetState,
    Description,
    ItemGrade,
    Masking,
    Sharing,
)
from tenants.datasets.moving import (
    aggregate_dataset,
    grade_dataset,
    hold_back,
    mask_dataset,
    publish_dataset,
    return_dataset,
    review_dataset,
    withdraw_dataset,
)
from tenants.datasets.reading import coverage, dataset_of, datasets, directory, published_dataset

__all__ = [
    "Coverage",
    "DataItem",
    "Dataset",
    "DatasetState",
    "Description",
    "ItemGrade",
    "Masking",
    "Sharing",
    "aggregate_dataset",
    "compile_datasets",
    "count_holdings",
    "coverage",
    "dataset_of",
    "datasets",
    "directory",
    "grade_dataset",
    "hold_back",
    "mask_dataset",
    "publish_dataset",
    "published_dataset",
    "read_datasets",
    "read_grading",
    "return_dataset",
    "review_dataset",
    "withdraw_dataset",
]
