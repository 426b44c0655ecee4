"""Errors in building the stream, in which victim, and in the proof that nothing comes from the future."""

from __future__ import annotations

from benchmarks.mutants.mutant import Mutant

_BUILDING, _DYADS, _KNOWLEDGE = "features/building.py", "features/dyads.py", "features/knowledge.py"
_PROOF = "features/timetravel.py"

MUTANTS = (
    Mutant(
        "conduct counts on its first day",
        _BUILDING,
        "occurred = np.maximum(first, last)",
        "occurred = first",
        "behaviours::test_conduct_counts_on_its_last_day",
    ),
    Mutant(
        "conduct may end after its report",
        _BUILDING,
        "last = np.where(reported == NEVER, last, np.minimum(last, reported))",
        "last = last",
        "behaviours::test_conduct_never_ends_after_its_report",
    ),
    Mutant(
        "reported means occurred",
        _BUILDING,
        "return occurred, np.where(reported == NEVER, occurred, reported)",
        "return occurred, occurred",
        "behaviours::test_the_report_clock_counts_by_the_day_of_the_report",
    ),
    Mutant(
        "an unknown weight is zero",
        _BUILDING,
        "np.where(np.isnan(days), -1,",
        "np.where(np.isnan(days), 0,",
        "behaviours::test_an_unknown_weight_is_not_zero",
    ),
    Mutant(
        "an unknown code weighs nothing",
        _BUILDING,
        "np.append(hundredths, np.int64(-1))",
        "np.append(hundredths, np.int64(0))",
        "behaviours::test_an_unknown_code_has_no_weight",
    ),
    Mutant(
        "an incident that is no crime has the family of its code",
        _BUILDING,
        'np.where(crime, family, FAMILY_CODE["non_crime"])',
        "family",
        "behaviours::test_an_incident_that_is_no_crime_has_no_harm_whatever_its_code",
    ),
    Mutant(
        "strangulation is the flag only",
        _BUILDING,
        'np.where(family == FAMILY_CODE["strangulation"], int(Flag.STRANGULATION), 0)',
        "0",
        "behaviours::test_strangulation_is_the_flag_or_the_offence",
    ),
    Mutant(
        "third parties are taken for the police",
        _BUILDING,
        '"third_party": Flag.THIRD_PARTY_REPORTED',
        '"third_party": Flag.POLICE_REPORTED',
        "behaviours::test_who_reported_is_kept_apart",
    ),
    Mutant(
        "an unknown role is a suspect",
        _BUILDING,
        "roles.map(codes).fillna(int(Role.OTHER))",
        "roles.map(codes).fillna(int(Role.SUSPECT))",
        "behaviours::test_an_unknown_role_is_nobodys_part",
    ),
    Mutant(
        "the wrong side of a pair is mirrored",
        _BUILDING,
        'rows.rename(columns={"victim": "person", "suspect": "counterpart"})',
        'rows.rename(columns={"suspect": "person", "victim": "counterpart"})',
        "behaviours::test_counter_allegations_are_by_people_ann_is_suspected_of_abusing",
    ),
    Mutant(
        "hearings belong to the victim",
        _BUILDING,
        'suspect=self.person(table["perpetrator_id"])',
        'suspect=self.person(table["victim_id"])',
        "behaviours::test_a_hearing_belongs_to_the_person_causing_harm",
    ),
    Mutant(
        "a referral is the hearing",
        _BUILDING,
        "reported=np.where(referred == NEVER, heard, referred)",
        "reported=heard",
        "behaviours::test_a_marac_repeat_comes_after_the_referral_and_within_a_year",
    ),
    Mutant(
        "a breach is known before it happened",
        _BUILDING,
        'breaches[["known_from", "occurred"]].max(axis=1)',
        'breaches[["known_from", "occurred"]].min(axis=1)',
        "behaviours::test_breaches_count_as_recorded_from_the_first_one_that_happened",
    ),
    Mutant(
        "a breach counts on the day the order began",
        _BUILDING,
        'self._single(breached, refs, breached["breached_at"], Kind.BREACH)',
        'self._single(breached, refs, breached["starts_on"], Kind.BREACH)',
        "behaviours::test_a_breach_counts_on_the_day_of_the_breach",
    ),
    Mutant(
        "people may be their own victims",
        _BUILDING,
        'return pairs[pairs["suspect"] != pairs["victim"]]',
        "return pairs",
        "behaviours::test_nobody_is_a_victim_of_themselves",
    ),
    Mutant(
        "with two suspects each has the victim",
        _DYADS,
        '(state["suspects"] == 1)',
        '(state["suspects"] >= 1)',
        "behaviours::test_with_two_suspects_the_victim_is_unknown",
    ),
    Mutant(
        "a pair is derived beside a recorded one",
        _DYADS,
        ' & (state["dyads"] == 0)',
        "",
        "behaviours::test_a_recorded_pair_stands_for_the_incident",
    ),
    Mutant(
        "a pair outlives its suspect's part",
        _DYADS,
        'known_together(dyads, suspects.rename(columns={"person": "suspect"}), ["incident", "suspect"])',
        "dyads",
        "behaviours::test_a_pair_ends_with_the_suspects_part",
    ),
    Mutant(
        "a version counts from the earliest of the rows that make it",
        _KNOWLEDGE,
        'both[["known_from", "known_from_right"]].max(axis=1)',
        'both[["known_from", "known_from_right"]].min(axis=1)',
        "stream::test_a_version_exists_only_while_incident_and_involvement_are_both_known",
    ),
    Mutant(
        "a version lasts until the last of the rows that make it",
        _KNOWLEDGE,
        'both[["known_to", "known_to_right"]].min(axis=1)',
        'both[["known_to", "known_to_right"]].max(axis=1)',
        "behaviours::test_a_record_withdrawn_on_the_day_no_longer_counts",
    ),
    Mutant(
        "a column stays recorded on the day its last value is withdrawn",
        _KNOWLEDGE,
        "(days < spans[np.maximum(at, 0), 1])",
        "(days <= spans[np.maximum(at, 0), 1])",
        "behaviours::test_a_column_counts_as_recorded_only_while_a_value_is_known",
    ),
    Mutant(
        "the proof takes every number for the same",
        _PROOF,
        "return np.asarray(~(same | (np.isnan(one) & np.isnan(two))), dtype=np.bool_)",
        "return np.zeros_like(same)",
        "timetravel::test_ignoring_the_day_of_recording_is_named",
    ),
    Mutant(
        "the proof removes nothing",
        _PROOF,
        "known = table[_exists(table, as_of)].copy()",
        "known = table.copy()",
        "timetravel::test_scrambling_changes_what_is_not_known_and_nothing_else",
    ),
    Mutant(
        "the proof replaces nothing",
        _PROOF,
        "values.iloc[replaced] = drawn.to_numpy()",
        "values.iloc[replaced] = values.iloc[replaced]",
        "timetravel::test_scrambling_replaces_what_is_not_known",
    ),
)
