"""What a department gave back in one go. What became of each thing stands in the ledger, and is read from there."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .return_fates import fates_of, state_of
from .states import DepartmentReturnState


class DepartmentReturn(models.Model):
    """One return from a department to a store."""

    number = models.CharField(max_length=40, unique=True)
    department = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    store = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=120, blank=True)
    event = models.OneToOneField("ledger.Event", models.PROTECT, related_name="+")
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("return from a department")
        verbose_name_plural = _("returns from departments")
        indexes = [models.Index(fields=["-sent_at"], name="department_return_latest")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> DepartmentReturnState:
        """How far it has come, by what became of its things. One statement, and one more where its store is not known yet."""
        return state_of(fates_of(self.event_id, self.store.path))
