"""The verdict: may a person work on a post, in a specialty, in an organisation, on a date — and why not.

`judge` answers any number of questions with a number of queries that does not depend on how many they are. What is
asked for is in `question`, what may speak against it in `reasons`, as data; `judging` decides from facts alone.
"""

from .gathering import judge
from .question import Fact, Finding, Outcome, Question, Verdict
from .reasons import REASONS, Reason

__all__ = ["REASONS", "Fact", "Finding", "Outcome", "Question", "Reason", "Verdict", "judge"]
