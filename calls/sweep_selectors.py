"""What the sweep has found, for pages and metrics."""

from datetime import datetime

from django.db.models import Count

from calls.findings import Finding
from invoices.models import Event


def sweep_findings(since: datetime) -> dict[str, int]:
    """How often each kind of finding came up since then, by the kind of its event; every kind is there."""
    kinds = [finding.kind for finding in Finding]
    found = Event.objects.filter(at__gte=since, kind__in=kinds).values("kind").order_by("kind")
    counts = {row["kind"]: row["count"] for row in found.annotate(count=Count("pk"))}
    return {kind: counts.get(kind, 0) for kind in kinds}
