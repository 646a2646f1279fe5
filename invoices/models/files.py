"""Files that bring rows into the books: one run for each file, and what was refused of it."""

from django.conf import settings
from django.db import models
from django.urls import reverse


class ImportRun(models.Model):
    """One uploaded file: checked without writing, then run. `position` and the counts are written with the rows."""

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", "Customers"
        INVOICES = "invoices", "Invoices"
        PAYMENTS = "payments", "Payments"

    class Status(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Ready to run"
        REFUSED = "refused", "Refused"
        RUNNING = "running", "Running"
        STOPPED = "stopped", "Stopped"
        CANCELLED = "cancelled", "Cancelled"
        DONE = "done", "Done"

    class DecimalMark(models.TextChoices):
        AUTO = "auto", "Either; refuse what can be read both ways"
        POINT = "point", "Point: 1,234.56"
        COMMA = "comma", "Comma: 1.234,56"

    class DayOrder(models.TextChoices):
        ISO = "iso", "Year first: 2026-03-31"
        DAY = "day", "Day first: 31.03.2026"
        MONTH = "month", "Month first: 03/31/2026"

    kind = models.CharField(max_length=9, choices=Kind)
    status = models.CharField(max_length=9, choices=Status, default=Status.CHECKING)
    # As the person called it, and where it is in the default storage; the latter empty once it is deleted.
    file_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    # How it is read: {"format": "csv" or "xlsx", "encoding", "delimiter", "skip": lines before the header}.
    layout = models.JSONField(default=dict)
    decimal_mark = models.CharField(max_length=5, choices=DecimalMark, default=DecimalMark.AUTO)
    day_order = models.CharField(max_length=5, choices=DayOrder, default=DayOrder.ISO)
    # Customers who are here already are corrected by the file; else a row that differs is refused.
    corrects = models.BooleanField(default=False)
    # Columns of the file that are not read.
    ignored = models.JSONField(default=list)
    # The first rows as they were understood: [{"row": 2, "outcome": "new", "values": {column: text}}].
    preview = models.JSONField(default=list)
    rows_total = models.PositiveIntegerField(null=True)
    # The last row of the file that the present pass is done with; the header is row 1.
    position = models.PositiveIntegerField(default=0)
    # {"new": n, "unchanged": n, "changed": n, "refused": n} of the check, and of the run.
    found = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    # Why it was refused or has stopped.
    reason = models.CharField(max_length=300, blank=True)
    # Who works on it: a name made up for each claim, and when that one was last heard of.
    claim = models.CharField(max_length=36, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "import"
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="import_at_work")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.pk])

    @property
    def is_live(self) -> bool:
        """A worker is at it, or should be."""
        return self.status in (self.Status.CHECKING, self.Status.RUNNING)

    @property
    def has_run(self) -> bool:
        return self.started_at is not None

    @property
    def counts(self) -> dict[str, int]:
        """Those of the run once there is one."""
        counts: dict[str, int] = self.made if self.has_run else self.found
        return counts

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // (self.rows_total + 1)) if self.rows_total else 0


class ImportProblem(models.Model):
    """Why a row of a file was refused, by the number that a spreadsheet shows for it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    # Found by the run; else by the check before it.
    of_run = models.BooleanField(default=False)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["run", "of_run", "row"], name="import_problem_of")]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
