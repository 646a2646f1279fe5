import datetime
from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import calls.models


def make_the_row(apps, schema_editor):
    apps.get_model("calls", "HouseRules").objects.using(schema_editor.connection.alias).get_or_create(pk=1)


class Migration(migrations.Migration):

    dependencies = [
        ("calls", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseRules",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("legal_name", models.CharField(blank=True, max_length=200)),
                ("mode", models.CharField(choices=[("creditor", "We collect our own invoices"), ("third_party", "We collect for others")], default="creditor", max_length=12, verbose_name="whose invoices")),
                ("hours_from", models.TimeField(default=datetime.time(9, 0))),
                ("hours_until", models.TimeField(default=datetime.time(20, 0))),
                ("keeps_holidays", models.BooleanField(default=True, verbose_name="no calls on public holidays")),
                ("holidays", models.JSONField(blank=True, default=list)),
                ("calls_per_person", models.PositiveSmallIntegerField(default=3, verbose_name="calls to one person in 7 days")),
                ("days_between", models.PositiveSmallIntegerField(default=0, verbose_name="days between two attempts")),
                ("most_attempts", models.PositiveSmallIntegerField(default=10, verbose_name="attempts before a human takes over")),
                ("tolerance", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=15)),
                ("countries", models.JSONField(default=calls.models.countries_at_first)),
                ("confirmations", models.JSONField(blank=True, default=dict)),
                ("daily_budget", models.DecimalField(blank=True, decimal_places=4, max_digits=15, null=True)),
                ("cost_per_minute", models.DecimalField(decimal_places=4, default=Decimal("0.15"), max_digits=15)),
                ("budget_currency", models.CharField(default="USD", max_length=3)),
                ("kill_switch", models.BooleanField(default=False, verbose_name="all calls stopped")),
                ("kill_switch_reason", models.CharField(blank=True, max_length=300, verbose_name="why stopped")),
                ("kill_switch_since", models.DateTimeField(blank=True, null=True, verbose_name="stopped since")),
                ("kill_switch_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="stopped by")),
            ],
            options={
                "verbose_name": "house rules",
                "verbose_name_plural": "house rules",
                "default_permissions": ("view", "change"),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="house_rules_one_row")],
            },
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["answered_at"], name="call_answered_at"),
        ),
        migrations.RunPython(make_the_row, migrations.RunPython.noop, elidable=False),
    ]
