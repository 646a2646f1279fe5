import django.core.validators
import django.db.models.deletion
import invoices.money
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '__first__'),
        ('invoices', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=15)),
                ('cause', models.CharField(choices=[('instruction', 'As instructed'), ('oldest_first', 'Oldest due first'), ('refund', 'Refund'), ('credit_note', 'Credit note'), ('void', 'Invoice voided'), ('released', 'Taken off by hand')], max_length=12)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('voice', 'Telephone'), ('sms', 'Text message'), ('email', 'E-mail'), ('letter', 'Letter')], max_length=6)),
                ('purpose', models.CharField(default='collection', max_length=40)),
                ('act', models.CharField(choices=[('given', 'Given'), ('revoked', 'Revoked')], max_length=7)),
                ('basis', models.CharField(choices=[('number_given', 'Number given for this account'), ('oral', 'Said so'), ('written', 'In writing')], max_length=12)),
                ('captured_at', models.DateTimeField()),
                ('evidence', models.CharField(max_length=500)),
                ('source_call_id', models.UUIDField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['captured_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('voice', 'Telephone'), ('sms', 'Text message'), ('email', 'E-mail'), ('letter', 'Letter')], default='voice', max_length=6)),
                ('direction', models.CharField(choices=[('outbound', 'We contacted them'), ('inbound', 'They contacted us')], max_length=8)),
                ('outcome', models.CharField(choices=[('conversation', 'Spoke with the customer'), ('message_left', 'Message left'), ('third_party', 'Somebody else'), ('no_answer', 'No answer'), ('not_connected', 'Never reached the network')], max_length=13)),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Telephone'), ('email', 'E-mail')], max_length=5)),
                ('value', models.CharField(max_length=254)),
                ('is_primary', models.BooleanField(default=False)),
                ('line_type', models.CharField(choices=[('unknown', 'Unknown'), ('mobile', 'Mobile'), ('landline', 'Landline'), ('voip', 'Internet telephone')], default='unknown', max_length=8)),
                ('place', models.CharField(blank=True, choices=[('', 'Not known'), ('home', 'Home'), ('work', 'Work')], max_length=4)),
                ('allows_voice', models.BooleanField(default=True)),
                ('allows_messages', models.BooleanField(default=True)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('wrong_at', models.DateTimeField(blank=True, null=True, verbose_name='wrong since')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-is_primary', 'id'],
            },
        ),
        migrations.CreateModel(
            name='CreditNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True)),
                ('idempotency_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('number', models.CharField(max_length=32, unique=True)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=15)),
                ('tax', models.DecimalField(decimal_places=4, max_digits=15)),
                ('reason', models.CharField(choices=[('correction', 'Wrong amount'), ('return', 'Goods returned'), ('dispute', 'Dispute upheld'), ('goodwill', 'Goodwill'), ('other', 'Other')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('issued_on', models.DateField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-issued_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True)),
                ('idempotency_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('status', models.CharField(choices=[('open', 'Open'), ('upheld', 'Upheld'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], default='open', max_length=9)),
                ('reason', models.CharField(choices=[('not_mine', 'Not their debt'), ('already_paid', 'Already paid'), ('wrong_amount', 'Wrong amount'), ('not_received', 'Nothing was received'), ('faulty', 'Faulty goods or service'), ('cancelled_order', 'Order was cancelled'), ('fraud', 'Fraud'), ('other', 'Other')], max_length=15)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=15)),
                ('description', models.CharField(blank=True, max_length=1000)),
                ('evidence', models.CharField(blank=True, max_length=500)),
                ('source_call_id', models.UUIDField(blank=True, db_index=True, null=True)),
                ('resolution', models.CharField(blank=True, max_length=500)),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('cease_communication', 'Cease communication (in writing)'), ('dispute', 'Dispute'), ('hardship', 'Hardship'), ('attorney_represented', 'Represented by an attorney'), ('bankruptcy', 'Bankruptcy'), ('deceased', 'Deceased'), ('minor', 'Minor'), ('breathing_space', 'Breathing space'), ('time_barred', 'Time-barred debt'), ('legal', 'Legal proceedings'), ('manual', 'Set by hand')], max_length=20)),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('evidence', models.CharField(max_length=500)),
                ('source_call_id', models.UUIDField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-starts_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('due_date', models.DateField(db_index=True)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=15)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('description', models.CharField(max_length=300)),
                ('quantity', models.DecimalField(decimal_places=4, default=Decimal('1'), max_digits=12)),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=15)),
                ('tax_rate', models.DecimalField(decimal_places=3, default=Decimal('0'), max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))])),
                ('net', models.DecimalField(decimal_places=4, max_digits=15)),
                ('tax', models.DecimalField(decimal_places=4, max_digits=15)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=2000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PaymentPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True)),
                ('idempotency_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('status', models.CharField(choices=[('active', 'Active'), ('completed', 'Completed'), ('defaulted', 'Defaulted'), ('cancelled', 'Cancelled')], default='active', max_length=9)),
                ('currency', models.CharField(max_length=3, validators=[invoices.money.currency_validate])),
                ('total', models.DecimalField(decimal_places=4, max_digits=15)),
                ('source_call_id', models.UUIDField(blank=True, db_index=True, null=True)),
                ('baseline_allocation_id', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PurgePass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idempotency_key', models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True)),
                ('idempotency_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=15)),
                ('refunded_on', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['-refunded_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('not_at_place', 'Not at this place'), ('not_this_number', 'Not on this number'), ('only_between', 'Only at these times'), ('not_before', 'Not before this moment'), ('only_by', 'Only by this channel'), ('not_by', 'Not by this channel')], max_length=15)),
                ('place', models.CharField(blank=True, choices=[('', 'Not known'), ('home', 'Home'), ('work', 'Work')], max_length=4)),
                ('channel', models.CharField(blank=True, choices=[('voice', 'Telephone'), ('sms', 'Text message'), ('email', 'E-mail'), ('letter', 'Letter')], max_length=6)),
                ('time_from', models.TimeField(blank=True, null=True, verbose_name='from')),
                ('time_until', models.TimeField(blank=True, null=True, verbose_name='until')),
                ('weekdays', models.JSONField(blank=True, default=list)),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('said', models.CharField(max_length=300)),
                ('source_call_id', models.UUIDField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name_plural': 'wishes',
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='promisetopay',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': 'promise to pay', 'verbose_name_plural': 'promises to pay'},
        ),
        migrations.RemoveConstraint(
            model_name='promisetopay',
            name='promise_once_per_call',
        ),
        migrations.AddField(
            model_name='customer',
            name='currency',
            field=models.CharField(blank=True, max_length=3, validators=[invoices.money.currency_validate]),
        ),
        migrations.AddField(
            model_name='customer',
            name='exclude_from_dunning',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='customer',
            name='locale',
            field=models.CharField(default='en_US', max_length=20),
        ),
        migrations.AddField(
            model_name='customer',
            name='payment_terms_days',
            field=models.PositiveSmallIntegerField(default=30),
        ),
        migrations.AddField(
            model_name='customer',
            name='postal_code',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='customer',
            name='state',
            field=models.CharField(blank=True, max_length=50, verbose_name='state or county'),
        ),
        migrations.AddField(
            model_name='event',
            name='customer',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='idempotency_digest',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='invoice',
            name='idempotency_key',
            field=models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='invoice',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax',
            field=models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=15),
        ),
        migrations.AddField(
            model_name='payment',
            name='currency',
            field=models.CharField(max_length=3, null=True, validators=[invoices.money.currency_validate]),
        ),
        migrations.AddField(
            model_name='payment',
            name='customer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='payment',
            name='idempotency_digest',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='payment',
            name='idempotency_key',
            field=models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='method',
            field=models.CharField(choices=[('bank_transfer', 'Bank transfer'), ('card', 'Card'), ('direct_debit', 'Direct debit'), ('cheque', 'Cheque'), ('cash', 'Cash'), ('other', 'Other')], default='bank_transfer', max_length=13),
        ),
        migrations.AddField(
            model_name='payment',
            name='status',
            field=models.CharField(choices=[('pending', 'Pending'), ('cleared', 'Cleared'), ('failed', 'Failed')], default='cleared', max_length=7),
        ),
        migrations.AddField(
            model_name='payment',
            name='unallocated',
            field=models.DecimalField(decimal_places=4, max_digits=15, null=True),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='baseline_allocation_id',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='currency',
            field=models.CharField(max_length=3, null=True, validators=[invoices.money.currency_validate]),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='customer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='idempotency_digest',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='idempotency_key',
            field=models.CharField(blank=True, editable=False, max_length=100, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='invoices',
            field=models.ManyToManyField(related_name='promises', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='promisetopay',
            name='method',
            field=models.CharField(blank=True, choices=[('bank_transfer', 'Bank transfer'), ('card', 'Card'), ('direct_debit', 'Direct debit'), ('cheque', 'Cheque'), ('cash', 'Cash'), ('other', 'Other')], max_length=13),
        ),
        migrations.AlterField(
            model_name='payment',
            name='reference',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['customer', '-id'], name='event_of_customer'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['at'], name='event_at'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(models.OrderBy(models.F('due_date'), descending=True), models.OrderBy(models.F('id'), descending=True), name='invoice_newest_due'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['customer', '-due_date', '-id'], name='invoice_of_customer'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['status', '-due_date', '-id'], name='invoice_in_state'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['currency', 'due_date'], include=('balance', 'customer'), name='invoice_open_by_due'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(models.OrderBy(models.F('received_on'), descending=True), models.OrderBy(models.F('id'), descending=True), name='payment_newest'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['customer', '-received_on'], name='payment_of_customer'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['reference'], name='payment_reference'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('unallocated__gt', 0)), fields=['customer', 'currency'], name='payment_with_credit'),
        ),
        migrations.AddIndex(
            model_name='promisetopay',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['due_date'], name='promise_open_by_due'),
        ),
        migrations.AddIndex(
            model_name='promisetopay',
            index=models.Index(fields=['customer', 'status'], name='promise_of_customer'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('tax__gte', 0), ('tax__lte', models.F('total'))), name='invoice_tax_within_total'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='invoices.payment'),
        ),
        migrations.AddField(
            model_name='consent',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='consent',
            name='recorded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contact',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='contact',
            name='invoices',
            field=models.ManyToManyField(blank=True, related_name='contacts', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='contact',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_points', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='contact',
            name='contact_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='invoices.contactpoint'),
        ),
        migrations.AddField(
            model_name='consent',
            name='contact_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='invoices.contactpoint'),
        ),
        migrations.AddField(
            model_name='creditnote',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='credit_note',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='invoices.creditnote'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='credit_note',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispute', to='invoices.creditnote'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='hold',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='hold',
            name='invoice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='hold',
            name='set_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='note',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='note',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='note',
            name='invoice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='paymentplan',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='invoices.customer'),
        ),
        migrations.AddField(
            model_name='paymentplan',
            name='invoices',
            field=models.ManyToManyField(related_name='plans', to='invoices.invoice'),
        ),
        migrations.AddField(
            model_name='instalment',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='invoices.paymentplan'),
        ),
        migrations.AddField(
            model_name='refund',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='invoices.payment'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='refund',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='invoices.refund'),
        ),
        migrations.AddField(
            model_name='wish',
            name='contact_point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='wishes', to='invoices.contactpoint'),
        ),
        migrations.AddField(
            model_name='wish',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wishes', to='invoices.customer'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(fields=['value'], name='invoices_co_value_6e9b41_idx'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(fields=('customer', 'kind', 'value'), name='contact_point_once'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('customer', 'kind'), name='contact_point_one_primary'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['customer', 'at'], name='invoices_co_custome_e66654_idx'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['customer', 'channel', 'captured_at'], name='invoices_co_custome_86f2e7_idx'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='credit_note_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='creditnote',
            constraint=models.CheckConstraint(condition=models.Q(('tax__gte', 0), ('tax__lte', models.F('amount'))), name='credit_note_tax_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='dispute_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('invoice',), name='dispute_one_open_per_invoice'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['customer'], name='hold_standing'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='hold_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.UniqueConstraint(fields=('invoice', 'position'), name='invoice_line_position_once'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='invoice_line_quantity_positive'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('tax__gte', 0)), name='invoice_line_tax_not_negative'),
        ),
        migrations.AddIndex(
            model_name='paymentplan',
            index=models.Index(fields=['customer', 'status'], name='plan_of_customer'),
        ),
        migrations.AddConstraint(
            model_name='paymentplan',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='plan_total_positive'),
        ),
        migrations.AddConstraint(
            model_name='paymentplan',
            constraint=models.UniqueConstraint(condition=models.Q(('source_call_id__isnull', False), models.Q(('status', 'cancelled'), _negated=True)), fields=('source_call_id',), name='plan_once_per_call'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.UniqueConstraint(fields=('plan', 'position'), name='instalment_position_once'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.UniqueConstraint(fields=('plan', 'due_date'), name='instalment_day_once'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='instalment_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='allocation_amount_not_zero'),
        ),
        migrations.AddIndex(
            model_name='wish',
            index=models.Index(condition=models.Q(('withdrawn_at__isnull', True)), fields=['customer'], name='wish_standing'),
        ),
    ]
