import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0004_sweep_and_retries'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pace',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('last_placed_at', models.DateTimeField(null=True)),
                ('breaker_until', models.DateTimeField(null=True)),
                ('breaker_since', models.DateTimeField(null=True)),
                ('breaker_reason', models.CharField(blank=True, max_length=200)),
                ('counted_from', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'pace',
                'verbose_name_plural': 'pace',
                'permissions': [('close_breaker', 'Can end the pause after failed calls')],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddField(
            model_name='call',
            name='carrier_error',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='call',
            name='queued_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='waiting_for',
            field=models.CharField(blank=True, choices=[('line', 'A free line'), ('pace', 'Its moment'), ('breaker', 'The end of a pause after failures'), ('queue', 'Its turn'), ('carrier', 'The carrier')], db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='houserules',
            name='most_calls_at_once',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='calls at the same time'),
        ),
        migrations.AddField(
            model_name='houserules',
            name='most_calls_per_second',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['placed_at'], name='call_placed_at'),
        ),
        migrations.AddField(
            model_name='pace',
            name='trial',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calls.call'),
        ),
        migrations.AddConstraint(
            model_name='pace',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='pace_one_row'),
        ),
    ]
