"""What people add to a document beside its own lines: remarks and attached files. Both only grow."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Remark(models.Model):
    """Something that somebody said about a document. ``kind`` and ``document_id`` name it as its ``Paper`` does."""

    kind = models.CharField(max_length=40)
    document_id = models.BigIntegerField()
    text = models.TextField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="remark_says_something")]
        indexes = [models.Index(fields=["kind", "document_id"], name="remark_document")]


class Attachment(models.Model):
    """A file that belongs to a document. It lies in the database: what backs up the one backs up the other."""

    kind = models.CharField(max_length=40)
    document_id = models.BigIntegerField()
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty")]
        indexes = [models.Index(fields=["kind", "document_id"], name="attachment_document")]


class Withdrawal(models.Model):
    """An attached file is not to be used any more, and why. The file stays where it is."""

    attachment = models.OneToOneField(Attachment, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.CharField(max_length=120)
    actor = models.ForeignKey("access.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_reason_given")]
