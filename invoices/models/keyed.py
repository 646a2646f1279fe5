"""Rows that a client may ask for twice and get once."""

from django.db import models


class Keyed(models.Model):
    """`idempotency_key` names the request that made the row, `idempotency_digest` what it asked for."""

    idempotency_key = models.CharField(max_length=100, null=True, blank=True, unique=True, editable=False)
    idempotency_digest = models.CharField(max_length=64, blank=True, editable=False)

    # This answer repeats an earlier one: the key had made the row before.
    is_repeated = False

    class Meta:
        abstract = True
