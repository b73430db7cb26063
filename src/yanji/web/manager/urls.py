"""Addresses of the pages of those who answer for others' work."""

from django.urls import path

from . import approvals, attempts

app_name = "manager"
urlpatterns = [
    path("approvals", approvals.inbox, name="approvals"),
    path("approvals/<int:approval_id>/decide", approvals.decide_step, name="decide"),
    path("attempts", attempts.attempts_page, name="attempts"),
]
