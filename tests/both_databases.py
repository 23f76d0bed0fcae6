"""Which tests run on SQLite and on PostgreSQL, which of them on PostgreSQL only as a drill.

Both databases are for what only one of them may get wrong: two at once, triggers and views, reads in SQL of their own,
row-level security, kept types. ``promises/test_operations.py`` runs every operation of the program on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ON_BOTH = (
    *("foundation", "wiring", "governance/audit", "governance/reorganisation", "tenants/test_numbering.py"),
    # What a database itself refuses, counts, orders or lets one of many have.
    *("governance/authority/test_walls.py", "governance/logins/test_logging_in.py"),
    *("governance/ceremony", "governance/contracts/test_commitments.py", "governance/logins/test_lockout.py"),
    *("governance/logins/test_second_factor.py", "governance/personnel/test_merging.py", "governance/tasks"),
    *("governance/catalogue/test_catalogue.py", "governance/projects/test_systems.py"),
    *("tenants/addresses", "tenants/needs/test_likeness.py", "tenants/needs/test_lists_at_size.py", "tenants/quotas"),
    *("tenants/register/test_history.py", "tenants/requests/test_lists.py"),
    # The other promises are kept by rules written in Python; test_both_databases.py holds both to one set of bytes, and
    # test_operations.py does everything a program can do on both.
    *("promises/test_both_databases.py", "promises/test_constraints.py", "promises/test_isolation.py"),
    "promises/test_operations.py",
)
"""Folders and modules all of whose tests run on both."""

DRILLED = ("governance", "tenants")
"""Folders every other test of which runs on PostgreSQL as a drill."""

NAMED: Mapping[str, frozenset[str]] = {
    "tenants/datasets/test_datasets.py": frozenset(
        {
            "test_a_dataset_goes_from_its_holder_to_everybodys_directory",
            "test_a_changed_description_is_the_next_version_and_supersedes_when_published",
            "test_coverage_counts_what_is_listed_of_what_is_held",
        }
    ),
    "tenants/grants/test_grants.py": frozenset(
        {
            "test_the_holder_decides_and_from_then_on_calls_are_metered",
            "test_only_asker_and_holder_see_a_grant",
            "test_application_support_is_decided_by_the_bureau",
            "test_grants_end_with_the_dataset_they_are_on",
        }
    ),
    "tenants/needs/test_needs.py": frozenset(
        {
            "test_a_need_goes_from_questions_to_an_approved_alternative",
            "test_the_need_after_the_ten_thousandth_of_a_year_is_a_need_of_its_own",
            "test_a_number_another_agency_has_is_taken_and_tells_nothing_of_it",
            "test_an_agency_reads_its_own_needs_only",
        }
    ),
    "tenants/needs/test_rounds.py": frozenset(
        {
            "test_merged_needs_come_to_the_end_of_their_lead",
            "test_a_merged_need_that_is_withdrawn_makes_the_lead_smaller",
            "test_open_needs_follow_the_successor_of_their_agency",
        }
    ),
    "tenants/needs/test_terms.py": frozenset({"test_new_terms_hold_from_then_on"}),
    "tenants/needs/test_urgent.py": frozenset(
        {
            "test_what_is_lent_has_an_end_papers_and_a_review_to_come",
            "test_what_has_expired_ends_opens_tasks_and_is_listed",
        }
    ),
    "tenants/requests/test_chain.py": frozenset(
        {
            "test_nothing_is_approved_before_the_last_step",
            "test_an_expert_reads_a_request_only_while_asked",
        }
    ),
    "tenants/requests/test_checks.py": frozenset(
        {
            "test_every_check_that_applies_is_kept_with_the_request",
            "test_the_machine_approves_where_a_published_rule_says_so_and_every_check_passed",
        }
    ),
    "tenants/requests/test_decisions.py": frozenset(
        {
            "test_what_is_built_is_what_was_decided",
            "test_an_open_request_reserves_and_an_approved_one_holds",
            "test_money_is_promised_on_a_signed_account_coding_once_the_project_has_one",
            "test_a_change_obligates_its_growth_and_then_the_whole",
            "test_an_ended_environment_gives_everything_back",
        }
    ),
    "tenants/requests/test_delivery.py": frozenset(
        {
            "test_the_deployments_end_delivers_and_the_agency_accepts",
            "test_the_operator_is_told_what_to_stop_and_what_to_start_and_confirms_it",
            "test_an_expired_grant_shows_and_deletes_nothing",
        }
    ),
    "tenants/requests/test_items_alone.py": frozenset(
        {
            "test_a_change_keeps_three_snapshots_and_takes_the_place_of_what_stood",
            "test_given_back_nothing_is_held_or_metered_any_more",
        }
    ),
    "tenants/requests/test_places.py": frozenset({"test_the_quota_of_a_region_is_for_environments_of_its_addresses"}),
    "tenants/requests/test_requests.py": frozenset(
        {
            "test_a_number_of_another_agency_is_taken_and_tells_nothing_of_it",
            "test_numbers_are_allotted_in_order_by_year",
            "test_an_environments_id_belongs_to_one_agency",
            "test_an_address_block_belongs_to_one_environment",
            "test_the_bureau_approves_and_the_environment_gets_the_spec",
            "test_an_agency_reads_its_own_requests_only",
        }
    ),
    "tenants/requests/test_transfers.py": frozenset(
        {
            "test_everything_follows_at_one_instant",
            "test_the_giver_keeps_its_history_and_the_receiver_accepts",
            "test_a_declined_transfer_is_rejected_with_the_reason",
        }
    ),
}
"""Module → those of its tests that run on both: a row of one party written under another's login, what another agency
must not see, numbers and locks."""


def is_on_both(module: Path, test: str) -> bool:
    """Whether a test of a module (its path below this folder) runs on both databases, also in ``make test``."""
    return any(module.is_relative_to(part) for part in ON_BOTH) or test in NAMED.get(module.as_posix(), ())


def is_drilled(module: Path) -> bool:
    """Whether what does not run on both runs on PostgreSQL as a drill."""
    return any(module.is_relative_to(part) for part in DRILLED)
