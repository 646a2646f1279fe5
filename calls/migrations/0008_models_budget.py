from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0007_conversation'),
    ]

    operations = [
        migrations.AddField(
            model_name='houserules',
            name='models_budget',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=15, null=True),
        ),
        migrations.AddField(
            model_name='houserules',
            name='models_cost_per_minute',
            field=models.DecimalField(db_default=Decimal('0.10'), decimal_places=4, default=Decimal('0.10'), max_digits=15),
        ),
    ]
