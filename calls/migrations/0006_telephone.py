import datetime
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0005_pace'),
        ('invoices', '0005_search'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='announced_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='proposed',
            field=models.JSONField(default=dict, db_default={}),
        ),
        migrations.AddField(
            model_name='call',
            name='transfer_started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='houserules',
            name='announcement_fallback',
            field=models.BooleanField(default=True, verbose_name='scripted announcement where there is no agent', db_default=True),
        ),
        migrations.AddField(
            model_name='houserules',
            name='callback_number',
            field=models.CharField(blank=True, max_length=20, default='', db_default=''),
        ),
        migrations.AddField(
            model_name='houserules',
            name='transfer_from',
            field=models.TimeField(default=datetime.time(9, 0), db_default=datetime.time(9, 0)),
        ),
        migrations.AddField(
            model_name='houserules',
            name='transfer_number',
            field=models.CharField(blank=True, max_length=20, default='', db_default=''),
        ),
        migrations.AddField(
            model_name='houserules',
            name='transfer_until',
            field=models.TimeField(default=datetime.time(17, 0), db_default=datetime.time(17, 0)),
        ),
        migrations.AddField(
            model_name='houserules',
            name='transfer_zone',
            field=models.CharField(default='UTC', max_length=64, verbose_name='time zone of transfers', db_default='UTC'),
        ),
        migrations.AlterField(
            model_name='call',
            name='disposition',
            field=models.CharField(blank=True, choices=[('no_answer', 'No answer'), ('busy', 'Busy'), ('failed', 'Failed'), ('invalid_number', 'Invalid number'), ('voicemail_left', 'Voicemail, message left'), ('voicemail_not_left', 'Voicemail, no message left'), ('no_response', 'Nobody spoke'), ('call_screened', 'Screened by an assistant'), ('fax', 'Fax'), ('ivr', 'Telephone menu'), ('blocked_by_policy', 'Blocked by policy'), ('cancelled', 'Cancelled'), ('wrong_number', 'Wrong number'), ('third_party', 'Third party'), ('hung_up_before_verification', 'Hung up before verification'), ('verification_failed', 'Verification failed'), ('language_barrier', 'Another language'), ('paid_claimed', 'Says it is paid'), ('link_sent', 'Sent how to pay'), ('promise_to_pay', 'Promise to pay'), ('partial_promise', 'Promise to pay a part'), ('payment_plan', 'Payment plan'), ('callback', 'Callback'), ('dispute', 'Dispute'), ('hardship', 'Hardship'), ('refused', 'Refused'), ('stop_calling', 'Stop calling'), ('attorney', 'Represented by an attorney'), ('bankruptcy', 'Bankruptcy'), ('deceased', 'Deceased'), ('transferred', 'Transferred to a colleague'), ('complaint', 'Complaint'), ('hung_up', 'Hung up'), ('unresolved', 'Unresolved')], max_length=30),
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('about', models.CharField(choices=[('promise', 'Promise to pay'), ('how_to_pay', 'How to pay')], max_length=10)),
                ('channel', models.CharField(choices=[('sms', 'Text message'), ('email', 'E-mail')], max_length=5)),
                ('body', models.CharField(max_length=1600)),
                ('status', models.CharField(choices=[('pending', 'To be sent'), ('sending', 'Being sent'), ('queued', 'Taken by the carrier'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('undelivered', 'Not delivered'), ('failed', 'Refused'), ('unknown', 'May have been sent')], default='pending', max_length=11)),
                ('carrier_sid', models.CharField(max_length=40, null=True, unique=True)),
                ('error_code', models.PositiveIntegerField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='calls.call')),
                ('contact_point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.contactpoint')),
            ],
            options={
                'ordering': ['created_at'],
                'indexes': [models.Index(fields=['status', 'created_at'], name='calls_confi_status_993aa4_idx')],
                'constraints': [models.UniqueConstraint(fields=('call', 'about', 'channel'), name='confirmation_once')],
            },
        ),
    ]
