"""The paragraphs of the report that no figure changes."""

from __future__ import annotations

ABUSE = (
    "People by the victims of the incidents that put them on the list, with the relationship as the extract tells it. "
    "Somebody can be in both groups, or, where no relationship is recorded, in none. The lists are those of everybody."
)
REGIME = (
    "By where the outcomes lie: before the counting rules of June 2023, across the change, or after it. Whether "
    "recorded harm rose or fell between regimes says nothing about conduct."
)
AREA = (
    "Each area has its own list of k places. Areas differ in how many people compete for a place and in what is "
    "recorded."
)


LIMITS = (
    "Outcomes are records. What was never reported is not in them, and where more is reported more seems to follow.",
    "People move: a move away is followed only where the new address is recorded and lies in none of the areas. "
    "Somebody else who left, or who had left before the date, may count as free of outcomes.",
    "Custody is dated by its start; when it ended is not known as of a past date, so time at risk is not.",
    "Nothing here shows what would happen if a panel acted on the list; figures are of lists that nobody acted on.",
    "Intervals tell of chance between people. They do not tell of a change of rules, of systems, or of what panels do.",
    "The relationship that tells partners from other family is overwritten by record systems without a date, and "
    "is taken as the extract has it.",
    "An area, regime or group with few people has wide intervals; that no difference is seen there is no proof "
    "of none.",
    "Not known from this report: how communities fare (see the audit), how somebody's rank changes with small "
    "changes of their record, and how well it would do in another force.",
)
CALIBRATION = (
    "A curve turns a margin into an expected grade; bands are cut from it, and it never changes the order. Each "
    "split is judged by a curve fitted on splits whose outcomes were known at its test date. Slope and intercept "
    "are those of a line through the logits of what was expected and of what followed: 1 and 0 need no mending. "
    "A slope below 1 says that expected grades are too extreme, above 1 that they are too much alike. The level "
    "is what followed over what was expected. The curve that makes the bands is fitted on everybody (common); "
    "beside it stands one fitted on the group alone (own). A draw of the interval fits both anew. The curve in the "
    "bundle is fitted on all splits, each ranked by a model of its own; it has not been judged on people to come."
)
USE = (
    "It is not for sentencing, bail, custody or any decision about a victim; not for people outside the "
    "cohort; and it says nothing about somebody who is not on the list. A rank speaks of records, and "
    "records also show who was reported and who was policed.",
    "Names, age, sex, ethnicity, address and health needs are never read to rank. How it treats communities "
    "is in the audit that is bound to this bundle, not here.",
)
