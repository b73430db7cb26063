"""What only the pages keep: failed sign-ins, so that guessing is slowed down whichever process it reaches."""

from django.db import models


class FailedSignIn(models.Model):
    """One wrong password. Rows older than the lock are swept with the next failure."""

    username = models.CharField(max_length=80)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["username", "address", "at"], name="failed_sign_in_recent")]
