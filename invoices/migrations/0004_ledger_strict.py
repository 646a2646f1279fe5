import django.db.models.deletion
import invoices.money
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoices', '0003_ledger_rows'),
    ]

    operations = [
        migrations.AlterField(
            model_name='promisetopay',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='invoices.customer'),
        ),
        migrations.AlterField(
            model_name='promisetopay',
            name='currency',
            field=models.CharField(max_length=3, validators=[invoices.money.currency_validate]),
        ),
        migrations.AlterField(
            model_name='payment',
            name='unallocated',
            field=models.DecimalField(decimal_places=4, max_digits=15),
        ),
        migrations.AlterField(
            model_name='payment',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='invoices.customer'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='currency',
            field=models.CharField(max_length=3, validators=[invoices.money.currency_validate]),
        ),
        migrations.RemoveField(
            model_name='customer',
            name='email',
        ),
        migrations.RemoveField(
            model_name='customer',
            name='phone',
        ),
        migrations.RemoveField(
            model_name='payment',
            name='invoice',
        ),
        migrations.RemoveField(
            model_name='promisetopay',
            name='invoice',
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['paid', 'void']), _negated=True), ('balance', 0), _connector='OR'), name='invoice_settled_owes_nothing'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('unallocated__gte', 0), ('unallocated__lte', models.F('amount'))), name='payment_unallocated_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'cleared'), ('unallocated', 0), _connector='OR'), name='payment_credit_only_when_cleared'),
        ),
        migrations.AddConstraint(
            model_name='promisetopay',
            constraint=models.UniqueConstraint(condition=models.Q(('source_call_id__isnull', False), models.Q(('status', 'cancelled'), _negated=True)), fields=('source_call_id',), name='promise_once_per_call'),
        ),
    ]
