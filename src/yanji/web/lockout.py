"""Slows down whoever guesses passwords: per name and address, kept in the database, so every process counts alike."""

from datetime import timedelta

from django.utils import timezone

from .models import FailedSignIn

LOCK_AFTER_FAILURES = 5
LOCK_MINUTES = 10


def is_locked(username: str, address: str) -> bool:
    """Whether this name has failed too often from this address lately."""
    recent = FailedSignIn.objects.filter(username=username[:80], address=address, at__gt=_since())
    return recent.count() >= LOCK_AFTER_FAILURES


def failures(**of: str) -> int:
    """How often it failed lately under a ``username``, or at an ``address``."""
    return FailedSignIn.objects.filter(at__gt=_since(), **of).count()


def different_failures(address: str) -> int:
    """Under how many different names it failed lately at an address."""
    names = FailedSignIn.objects.filter(at__gt=_since(), address=address).values("username")
    return names.distinct().count()


def record_failure(username: str, address: str) -> None:
    """Count one wrong password, and sweep what no longer counts."""
    FailedSignIn.objects.filter(at__lt=_since()).delete()
    FailedSignIn.objects.create(username=username[:80], address=address)


def _since():
    return timezone.now() - timedelta(minutes=LOCK_MINUTES)
