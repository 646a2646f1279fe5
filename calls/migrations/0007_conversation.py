
import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0006_telephone'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='call',
            options={'ordering': ['-requested_at'], 'permissions': [('place_call', 'Can ring a customer'), ('override_contact_rules', 'Can set house rules aside for one call'), ('correct_call', 'Can correct what a call came to')]},
        ),
        migrations.AddField(
            model_name='call',
            name='discussed',
            field=models.JSONField(default=list, db_default=[]),
        ),
        migrations.AddField(
            model_name='call',
            name='prompts_version',
            field=models.CharField(blank=True, max_length=40, default='', db_default=''),
        ),
        migrations.AddField(
            model_name='houserules',
            name='agent_voice_name',
            field=models.CharField(blank=True, max_length=40, verbose_name='the voice’s name', default='', db_default=''),
        ),
        migrations.AddField(
            model_name='houserules',
            name='opening_lines',
            field=models.JSONField(blank=True, default=dict, db_default={}),
        ),
        migrations.AddField(
            model_name='houserules',
            name='payment_instructions',
            field=models.CharField(blank=True, max_length=500, default='', db_default=''),
        ),
        migrations.AddField(
            model_name='houserules',
            name='plan_least_instalment',
            field=models.DecimalField(decimal_places=4, default=Decimal('10'), max_digits=15, db_default=Decimal('10')),
        ),
        migrations.AddField(
            model_name='houserules',
            name='plan_longest_days',
            field=models.PositiveSmallIntegerField(default=183, db_default=183),
        ),
        migrations.AddField(
            model_name='houserules',
            name='plan_most_instalments',
            field=models.PositiveSmallIntegerField(default=6, db_default=6),
        ),
        migrations.AddField(
            model_name='houserules',
            name='promise_within_days',
            field=models.PositiveSmallIntegerField(default=60, db_default=60),
        ),
        migrations.AddField(
            model_name='houserules',
            name='tts_voice',
            field=models.CharField(blank=True, max_length=40, verbose_name='the voice’s sound', default='', db_default=''),
        ),
        migrations.AlterField(
            model_name='call',
            name='disposition',
            field=models.CharField(blank=True, choices=[('no_answer', 'No answer'), ('busy', 'Busy'), ('failed', 'Failed'), ('invalid_number', 'Invalid number'), ('voicemail_left', 'Voicemail, message left'), ('voicemail_not_left', 'Voicemail, no message left'), ('no_response', 'Nobody spoke'), ('call_screened', 'Call screened'), ('fax', 'Fax'), ('ivr', 'Telephone menu'), ('blocked_by_policy', 'Blocked by policy'), ('cancelled', 'Cancelled'), ('wrong_number', 'Wrong number'), ('third_party', 'Third party'), ('hung_up_before_verification', 'Hung up before verification'), ('verification_failed', 'Verification failed'), ('language_barrier', 'Language barrier'), ('paid_claimed', 'Says it is paid'), ('link_sent', 'Link to pay sent'), ('promise_to_pay', 'Promise to pay'), ('payment_plan', 'Payment plan'), ('partial_promise', 'Promise to pay a part'), ('callback', 'Callback'), ('dispute', 'Dispute'), ('hardship', 'Hardship'), ('refused', 'Refused'), ('stop_calling', 'Stop calling'), ('attorney', 'Represented by an attorney'), ('bankruptcy', 'Bankruptcy'), ('deceased', 'Deceased'), ('transferred', 'Put through to a person'), ('hung_up', 'Hung up'), ('complaint', 'Complaint'), ('unresolved', 'Unresolved')], max_length=30),
        ),
        migrations.CreateModel(
            name='CallReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('disclosures', models.JSONField(default=list)),
                ('checks', models.JSONField(default=list)),
                ('needs_attention', models.BooleanField(default=False)),
                ('rules_version', models.CharField(max_length=20)),
                ('corrected_at', models.DateTimeField(null=True)),
                ('reviewed_at', models.DateTimeField()),
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='calls.call')),
            ],
            options={
                'indexes': [models.Index(fields=['needs_attention'], name='review_needs_attention')],
            },
        ),
        migrations.AlterField(
            model_name='call',
            name='disposition',
            field=models.CharField(blank=True, choices=[('no_answer', 'No answer'), ('busy', 'Busy'), ('failed', 'Failed'), ('invalid_number', 'Invalid number'), ('voicemail_left', 'Voicemail, message left'), ('voicemail_not_left', 'Voicemail, no message left'), ('no_response', 'Nobody spoke'), ('call_screened', 'Call screened'), ('fax', 'Fax'), ('ivr', 'Telephone menu'), ('blocked_by_policy', 'Blocked by policy'), ('cancelled', 'Cancelled'), ('wrong_number', 'Wrong number'), ('third_party', 'Third party'), ('hung_up_before_verification', 'Hung up before verification'), ('verification_failed', 'Verification failed'), ('language_barrier', 'Language barrier'), ('paid_claimed', 'Says it is paid'), ('link_sent', 'Link to pay sent'), ('promise_to_pay', 'Promise to pay'), ('payment_plan', 'Payment plan'), ('partial_promise', 'Promise to pay a part'), ('callback', 'Callback'), ('dispute', 'Dispute'), ('hardship', 'Hardship'), ('refused', 'Refused'), ('stop_calling', 'Stop calling'), ('attorney', 'Represented by an attorney'), ('bankruptcy', 'Bankruptcy'), ('deceased', 'Deceased'), ('transferred', 'Transferred to a colleague'), ('hung_up', 'Hung up'), ('complaint', 'Complaint'), ('unresolved', 'Unresolved')], max_length=30),
        ),
    ]
