"""When a list may be released, by whom and until when: rules without storage."""

from serving.release.rules import Act, Outcome, Review, RunFacts, State, judge, state_of

__all__ = ["Act", "Outcome", "Review", "RunFacts", "State", "judge", "state_of"]
