import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0003_decision_overrides'),
        ('invoices', '0005_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Retry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('used', 'Made'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=9)),
                ('attempt', models.PositiveSmallIntegerField()),
                ('due_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name_plural': 'retries',
                'ordering': ['-id'],
                'default_permissions': ('view', 'change'),
            },
        ),
        migrations.AddField(
            model_name='call',
            name='claim',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='dial_asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='missed_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='houserules',
            name='retries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='retries of an unanswered call'),
        ),
        migrations.AddField(
            model_name='houserules',
            name='retry_after_days',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='days before a retry'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('disposition', '')), fields=['ended_at'], name='call_unconcluded'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('stream_closed_at', None), ('stream_opened_at__isnull', False)), fields=['ended_at'], name='call_stream_left_open'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('disposition__in', ['no_answer', 'busy', 'voicemail_not_left'])), fields=['ended_at'], name='call_unanswered'),
        ),
        migrations.AddField(
            model_name='retry',
            name='call',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='retry', to='calls.call'),
        ),
        migrations.AddField(
            model_name='retry',
            name='new_call',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='retry_of', to='calls.call'),
        ),
        migrations.AddIndex(
            model_name='retry',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['due_at'], name='retry_waiting'),
        ),
    ]
