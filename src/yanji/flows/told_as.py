"""What an entry is told as: its step of the ledger, or the act that this step was part of, which nobody calls by the step."""

from collections.abc import Mapping

from yanji.ledger.api import Step

# A loan set that goes to its theatre moves as what is put away does.
SET_SENT = "send_set"
# The same of an event ``e``, in SQL.
TOLD_AS = f"CASE WHEN e.step = '{Step.PUT_AWAY.value}' AND e.documents ? 'loan_set' THEN '{SET_SENT}' ELSE e.step END"


def told_as(step: str, documents: Mapping[str, str]) -> str:
    """Pure."""
    return SET_SENT if step == Step.PUT_AWAY and "loan_set" in documents else step
