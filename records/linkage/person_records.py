# ruff: noqa: S608 - every name in the SQL is one of ours
"""Person records as evidence: names, date of birth, national ids, postcodes and who they appear with.

Nothing protected is read: no sex, no ethnicity, no age band. They would let a community's recording practice decide
who is one person.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from importlib import resources

import duckdb

from records.contract import TABLES
from records.storage.database import literal

RECORDS = "link_records"
APART = "link_apart"
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


def short_forms() -> list[tuple[str, str]]:
    """Return (short form, full name) pairs in lower case: our own list of forms common in Britain."""
    text = resources.files("records").joinpath("reference", "short_forms.csv").read_text(encoding="utf-8")
    return [(row["short"], row["full"]) for row in csv.DictReader(text.splitlines())]


def given_names() -> list[str]:
    """Return given names in common use in Britain, in lower case: our own list."""
    text = resources.files("records").joinpath("reference", "given_names.csv").read_text(encoding="utf-8")
    return text.split()[1:]


def gather(db: duckdb.DuckDBPyConnection, tables: Collection[str]) -> int:
    """Make the table `link_records` (one row a record of `persons`) and `link_apart`; return the number of records.

    `link_apart` holds pairs of records that take part in one incident or hearing: two parties are two people, and
    only a person may say otherwise.
    """
    _names(db)
    _postcodes(db, tables)
    _company(db, tables)
    db.execute(_RECORDS)
    _apart(db, tables)
    [(records,)] = db.execute(f"SELECT count(*) FROM {RECORDS}").fetchall()
    return int(records)


def _names(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("CREATE OR REPLACE TEMP TABLE link_short_forms (short VARCHAR, full_name VARCHAR)")
    db.executemany("INSERT INTO link_short_forms VALUES (?, ?)", short_forms())
    db.execute("CREATE OR REPLACE TEMP TABLE link_given_names AS SELECT unnest(?) AS name", [given_names()])
    db.execute(_IDENTITIES)


def _postcodes(db: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    if "addresses" in tables:
        db.execute(_ADDRESSES)
    else:
        db.execute(
            "CREATE OR REPLACE TEMP TABLE link_addresses (record_id VARCHAR, postcodes VARCHAR[], postcode VARCHAR)"
        )


def _pairings(db: duckdb.DuckDBPyConnection, tables: Collection[str]) -> str:
    """Return SQL of (one, other): who appears against whom, both ways."""
    parts = ["SELECT NULL::VARCHAR AS one, NULL::VARCHAR AS other WHERE false"]
    for table, left, right in (("dyads", "suspect_id", "victim_id"), ("marac_hearings", "perpetrator_id", "victim_id")):
        if table in tables:
            parts += [f"SELECT {left}, {right} FROM seen_{table}", f"SELECT {right}, {left} FROM seen_{table}"]
    return " UNION ".join(parts)


def _company(db: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    db.execute(_COMPANY.format(pairings=_pairings(db, tables), most=MOST_COMPANY))


def _apart(db: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    events = ["SELECT incident_id AS event, person_id AS who FROM seen_involvements"]
    for table, key in (("dyads", "incident_id"), ("marac_hearings", "hearing_id")):
        if table in tables:
            people = [column.name for column in TABLES[table].columns if column.points_to == "persons"]
            events += [f"SELECT {literal(table[:1])} || {key}, {person} FROM seen_{table}" for person in people]
    db.execute(_APART.format(events=" UNION ".join(events)))


_CLEAN = "nullif(regexp_replace(lower(strip_accents({0})), '[^\\p{{L}}]', '', 'g'), '')"
_FIRST = _CLEAN.format("regexp_extract(trim(given_name), '^[^\\s]+')")
_SOUND = (
    "left({0}, 1) || left(regexp_replace(translate(substr({0}, 2), 'bfpvcgjkqsxzdtlmnr', '111122222222334556'), "
    "'[^0-9]', '', 'g'), 3)"
)
_IDENTITIES = f"""
CREATE OR REPLACE TEMP TABLE link_identities AS
WITH latest AS (
    SELECT * FROM seen_persons QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY known_from DESC) = 1
), cleaned AS (
    SELECT person_id AS record_id, {_FIRST} AS given, {_CLEAN.format("family_name")} AS family,
           CAST(date_of_birth AS DATE) AS born,
           regexp_extract(upper(replace(pnc_id, ' ', '')), '^(?:\\d\\d)?(\\d\\d)/?(\\d{{1,7}})([A-Z])$',
                          ['y', 'n', 'c']) AS p,
           regexp_extract(upper(replace(cro_id, ' ', '')), '^(\\d{{1,6}})/(\\d\\d)([A-Z])$', ['n', 'y', 'c']) AS c
    FROM latest
), counted AS (SELECT given AS name, count(*) AS records FROM cleaned WHERE given IS NOT NULL GROUP BY given)
SELECT record_id, given, family,
       strftime(born, '%Y-%m-%d') AS dob,
       CASE WHEN day(born) <= 12
            THEN strftime(make_date(year(born), day(born), month(born)), '%Y-%m-%d') END AS dob_swapped,
       CASE WHEN born IS NULL THEN 1 END AS lacks_birth, CASE WHEN born IS NOT NULL THEN 1 END AS has_birth,
       year(born) AS born_year, strftime(born, '%m-%d') AS born_day,
       CASE WHEN p.n <> '' AND p.c = substr('{PNC_LETTERS}', CAST(p.y || lpad(p.n, 7, '0') AS BIGINT) % 23 + 1, 1)
            THEN p.y || '/' || lpad(p.n, 7, '0') || p.c END AS pnc,
       CASE WHEN c.n <> '' THEN ltrim(c.n, '0') || '/' || c.y || c.c END AS cro,
       CASE WHEN given IS NOT NULL THEN list_sort(list_distinct(list_append(coalesce(
           (SELECT list(full_name) FROM link_short_forms WHERE short = given), []), given))) END AS forms,
       coalesce(nullif(regexp_extract(given, '^(.{{2,}}?)(?:ie|ey|y|i)?$', 1), ''), given) AS given_root,
       coalesce(records, 0) AS given_count, coalesce(given IN (FROM link_given_names), false) AS given_listed,
       left(given, 1) AS given_initial, left(family, 1) AS family_initial,
       {_SOUND.format("given")} AS given_sound, {_SOUND.format("family")} AS family_sound
FROM cleaned LEFT JOIN counted ON name = given
"""
_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE link_addresses AS
WITH cleaned AS (
    SELECT person_id AS record_id, nullif(regexp_replace(upper(postcode), '[^A-Z0-9]', '', 'g'), '') AS postcode,
           "from" AS since, known_from
    FROM seen_addresses
)
SELECT record_id, list_sort(list(DISTINCT postcode)) AS postcodes,
       last(postcode ORDER BY since NULLS FIRST, known_from, postcode) AS postcode
FROM cleaned WHERE postcode IS NOT NULL GROUP BY record_id
"""
# A counterpart is known by its record and, because counterparts are recorded twice as well, by what their other records
# would mostly say. A mark that very many share (an officer, a shop, the Crown) says nothing.
MOST_COMPANY = 50
_COMPANY = """
CREATE OR REPLACE TEMP TABLE link_company AS
WITH pairings AS ({pairings}), known AS (
    SELECT one, unnest([other, pnc, dob || '|' || given_sound, dob || '|' || family, given || '|' || family || '|' ||
                        postcode]) AS mark
    FROM pairings JOIN link_identities ON record_id = other LEFT JOIN link_addresses USING (record_id)
    WHERE one <> other
), telling AS (
    SELECT DISTINCT one, mark FROM known WHERE mark IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY mark) <= {most}
)
SELECT one AS record_id, list_sort(list(DISTINCT hash(mark))) AS company FROM telling GROUP BY one
"""
_RECORDS = f"""
CREATE OR REPLACE TABLE {RECORDS} AS
SELECT link_identities.*, postcodes, postcode, company
FROM link_identities LEFT JOIN link_addresses USING (record_id) LEFT JOIN link_company USING (record_id)
ORDER BY record_id
"""
_APART = f"""
CREATE OR REPLACE TABLE {APART} AS
WITH events AS ({{events}})
SELECT DISTINCT least(a.who, b.who) AS record_l, greatest(a.who, b.who) AS record_r
FROM events a JOIN events b ON a.event = b.event AND a.who < b.who
"""
