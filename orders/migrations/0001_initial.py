import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import stores.tokens
from django.db import migrations, models

#: Counting who did something lately reads an index alone where the table's newest pages are known to be settled. The usual measure, a fifth
#: of all rows, would leave out just the months that are asked for.
_SETTLE = "ALTER TABLE orders_order SET (autovacuum_vacuum_insert_scale_factor = 0.01)"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('number', models.CharField(blank=True, max_length=120)),
                ('email', models.CharField(blank=True, max_length=320)),
                ('placed_at', models.DateTimeField()),
                ('currency', models.CharField(max_length=3)),
                ('total_minor', models.BigIntegerField()),
                ('discount_minor', models.BigIntegerField(help_text='Taken off; empty as the next two: the shop does not tell (orders.sums).', null=True)),
                ('shipping_minor', models.BigIntegerField(null=True)),
                ('tax_minor', models.BigIntegerField(null=True)),
                ('refunded_minor', models.BigIntegerField(default=0)),
                ('shop_currency', models.CharField(max_length=3)),
                ('shop_total_minor', models.BigIntegerField()),
                ('shop_refunded_minor', models.BigIntegerField(default=0)),
                ('financial_status', models.CharField(choices=[('pending', 'Payment pending'), ('authorized', 'Authorized'), ('paid', 'Paid'), ('partially_refunded', 'Partly refunded'), ('refunded', 'Refunded'), ('voided', 'Voided')], default='pending', max_length=20)),
                ('fulfillment_status', models.CharField(choices=[('unfulfilled', 'Not shipped'), ('partial', 'Partly shipped'), ('fulfilled', 'Shipped')], default='unfulfilled', max_length=12)),
                ('paid_at', models.DateTimeField(null=True)),
                ('fulfilled_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(help_text='Said by the customer or staff; parcels speak for themselves.', null=True)),
                ('received_by', models.CharField(blank=True, help_text="Who of the staff said so; no shop's telling changes it.", max_length=120)),
                ('not_there_at', models.DateTimeField(help_text='When the customer last said that it is not there yet.', null=True)),
                ('shipping_method', models.CharField(blank=True, help_text='As the shop calls it at its checkout.', max_length=120)),
                ('invoice_url', models.URLField(blank=True, max_length=1000)),
                ('reorder_url', models.URLField(blank=True, help_text='Where the shop lets them order the same again.', max_length=1000)),
                ('is_test', models.BooleanField(default=False)),
                ('is_history', models.BooleanField(default=False, help_text='Known before the store went live, or too old at first sight: enrols nobody.')),
                ('shipping_address', models.JSONField(default=dict)),
                ('language', models.CharField(blank=True, max_length=20)),
                ('source', models.CharField(blank=True, help_text="What brought the buyer: a campaign's name, a site, a channel.", max_length=60)),
                ('discount_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('token', models.CharField(default=stores.tokens.public_token, help_text='Opens the tracker.', max_length=32, unique=True)),
                ('source_updated_at', models.DateTimeField(help_text="The platform's own time of this state; older data is ignored.", null=True)),
                ('versions', models.JSONField(default=list, help_text='Times and fingerprints of its content: changes known late are told.')),
                ('created_at', models.DateTimeField()),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='customers.customer')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-placed_at', '-id'], name='order_newest'), models.Index(fields=['customer', '-placed_at'], name='order_of_customer'), models.Index(condition=models.Q(('cancelled_at__isnull', True), ('is_test', False), models.Q(('financial_status', 'voided'), _negated=True)), fields=['store', 'placed_at', 'customer'], name='order_that_counts'), models.Index(fields=['store', 'number'], name='order_by_number'), models.Index(models.F('store'), django.db.models.functions.text.Upper('email'), name='order_by_email')],
                'constraints': [models.UniqueConstraint(fields=('store', 'external_id'), name='order_once')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('placed_at', models.DateTimeField()),
                ('external_id', models.CharField(max_length=120)),
                ('sku', models.CharField(blank=True, max_length=120)),
                ('name', models.CharField(max_length=500)),
                ('kind', models.CharField(choices=[('physical', 'Parcel'), ('digital', 'Download'), ('service', 'Service')], default='physical', max_length=10)),
                ('quantity', models.PositiveIntegerField()),
                ('refunded_quantity', models.PositiveIntegerField(default=0)),
                ('unit_price_minor', models.BigIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order')),
                ('product', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='lines', to='catalog.product')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['position', 'id'],
                'indexes': [models.Index(fields=['product', 'customer', 'placed_at'], name='line_of_product'), models.Index(fields=['customer', 'placed_at'], name='line_of_customer')],
                'constraints': [models.UniqueConstraint(fields=('order', 'external_id'), name='line_once')],
            },
        ),
        migrations.CreateModel(
            name='Parked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_external_id', models.CharField(blank=True, max_length=120)),
                ('tracking_number', models.CharField(blank=True, help_text="Bare (orders.tracking); of a carrier's news alone.", max_length=120)),
                ('kind', models.CharField(choices=[('shipment', 'Parcel'), ('refund', 'Refund'), ('tracking', "Carrier's news")], max_length=10)),
                ('data', models.JSONField()),
                ('digest', models.CharField(help_text='Of the data: a repeat is kept once.', max_length=64)),
                ('arrived_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('kind', 'tracking')), fields=['store', 'tracking_number'], name='parked_by_number')],
                'constraints': [models.UniqueConstraint(fields=('store', 'order_external_id', 'digest'), name='parked_once')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('amount_minor', models.BigIntegerField()),
                ('shop_amount_minor', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('lines', models.JSONField(default=list)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refunds', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('order', 'external_id'), name='refund_once')],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('carrier', models.CharField(blank=True, max_length=80)),
                ('tracking_number', models.CharField(blank=True, max_length=120)),
                ('tracking_url', models.URLField(blank=True, max_length=1000)),
                ('status', models.CharField(choices=[('pending', 'Label made'), ('in_transit', 'On its way'), ('out_for_delivery', 'Out for delivery'), ('ready', 'Ready to be picked up'), ('delivered', 'Delivered'), ('failure', 'Delivery failed'), ('returned', 'Returned')], default='pending', max_length=20)),
                ('shipped_at', models.DateTimeField(null=True)),
                ('expected_at', models.DateTimeField(null=True)),
                ('first_expected_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('marked_by', models.CharField(blank=True, help_text='Who of the staff said that it has left (orders.by_hand).', max_length=120)),
                ('is_scanned', models.BooleanField(default=False, help_text='A carrier has reported on it, so its delivery will be reported too.')),
                ('is_cancelled', models.BooleanField(default=False)),
                ('lines', models.JSONField(default=list, help_text='Line external ids in it; empty means everything.')),
                ('source_updated_at', models.DateTimeField(help_text='When the platform said this status.', null=True)),
                ('said', models.JSONField(default=dict, help_text='When it said the rest, and every estimate (orders.ingest_parcels).')),
                ('scans', models.JSONField(default=list, help_text='What the carrier noted: [time, status, words, place], in order.')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(models.F('store'), django.db.models.functions.text.Upper(django.db.models.functions.text.Replace('tracking_number', models.Value(' '), models.Value(''))), condition=models.Q(('tracking_number', ''), _negated=True), name='shipment_by_bare_number')],
                'constraints': [models.UniqueConstraint(fields=('order', 'external_id'), name='shipment_once')],
            },
        ),
        migrations.CreateModel(
            name='Uncounted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('store_id', models.BigIntegerField()),
                ('buyer_id', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['store_id', 'id'], name='uncounted_next')],
            },
        ),
        migrations.CreateModel(
            name='Cart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('currency', models.CharField(max_length=3)),
                ('total_minor', models.BigIntegerField()),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('lines', models.JSONField(default=list)),
                ('started_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(null=True)),
                ('is_checkout', models.BooleanField(default=False, help_text='They had begun to give their address.')),
                ('token', models.CharField(default=stores.tokens.public_token, help_text='Opens the page to be reminded later.', max_length=32, unique=True)),
                ('abandoned_at', models.DateTimeField(help_text='When it was last found left behind.', null=True)),
                ('remind_at', models.DateTimeField(help_text='When they want to be reminded of it.', null=True)),
                ('recovered_at', models.DateTimeField(help_text='When they bought after all.', null=True)),
                ('customer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='carts', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('completed_at__isnull', True)), fields=['updated_at'], name='cart_open'), models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='cart_to_remind'), models.Index(fields=['store', '-updated_at', '-id'], name='cart_newest'), models.Index(fields=['customer', '-abandoned_at'], name='cart_of_customer')],
                'constraints': [models.UniqueConstraint(fields=('store', 'external_id'), name='cart_once')],
            },
        ),
        migrations.CreateModel(
            name='FiguresCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('looked_at', models.PositiveIntegerField()),
                ('wrong', models.PositiveIntegerField()),
                ('examples', models.JSONField(default=list, help_text='The numbers of some customers whose figures were wrong.')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-at'], name='figures_check_newest')],
            },
        ),
        migrations.RunSQL(_SETTLE, migrations.RunSQL.noop),  # written by hand: keep it when this file is made anew
    ]
