"""What happened: one way in (``post``), and everything that can be asked of the history.

Public: Draft, Line and the things a line may name; post, reserve, correct; Refused; follow; rebuild; queries.
Import these from their modules through ``yanji.ledger.api`` - this package file stays free of models, as Django needs.
"""
