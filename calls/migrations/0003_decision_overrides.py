from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0002_house_rules'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='call',
            options={
                'ordering': ['-requested_at'],
                'permissions': [
                    ('place_call', 'Can ring a customer'),
                    ('override_contact_rules', 'Can set house rules aside for one call'),
                ],
            },
        ),
        migrations.AddField(
            model_name='call',
            name='override_reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name='contactdecision',
            name='moment',
            field=models.CharField(
                choices=[
                    ('request', 'When asked for'),
                    ('dial', 'Before dialling'),
                    ('ringing', 'While it rang'),
                    ('answer', 'When answered'),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name='contactdecision',
            name='overridden',
            field=models.JSONField(default=list),
        ),
    ]
