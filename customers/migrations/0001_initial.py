import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import stores.tokens
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

#: Counting who did something lately reads an index alone where the table's newest pages are known to be settled. The usual measure, a fifth
#: of all rows, would leave out just the months that are asked for.
_SETTLE = "ALTER TABLE customers_event SET (autovacuum_vacuum_insert_scale_factor = 0.01)"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),  # written by hand, for the index customer_called: keep it when this file is made anew
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(blank=True, max_length=320)),
                ('email_key', models.CharField(help_text='The normalised address; null for a buyer without one.', max_length=320, null=True)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('first_name', models.CharField(blank=True, max_length=100)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('language', models.CharField(blank=True, max_length=20)),
                ('timezone', models.CharField(blank=True, max_length=64)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('city', models.CharField(blank=True, help_text="As the two below: of the latest order's address.", max_length=120)),
                ('region', models.CharField(blank=True, max_length=120)),
                ('postal_code', models.CharField(blank=True, max_length=20)),
                ('birth_month', models.PositiveSmallIntegerField(null=True)),
                ('birth_day', models.PositiveSmallIntegerField(null=True)),
                ('birth_year', models.PositiveSmallIntegerField(help_text='Often unknown where month and day are known.', null=True)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text="The shop's and the staff's, in order.", size=None)),
                ('shop_tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='What the shop last said of them.', size=None)),
                ('marketing', models.CharField(choices=[('subscribed', 'Subscribed'), ('unsubscribed', 'Unsubscribed'), ('never', 'Never asked')], default='never', max_length=12)),
                ('marketing_changed_at', models.DateTimeField(null=True)),
                ('objected_to_service_at', models.DateTimeField(null=True)),
                ('declined_topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), help_text='Of what is allowed, what is not wanted (topics).', null=True, size=None)),
                ('wants_fewer_since', models.DateTimeField(null=True)),
                ('paused_until', models.DateTimeField(help_text='Until then the customer wants order mails alone.', null=True)),
                ('has_ordered', models.BooleanField(default=False, help_text='Whether an order of theirs counts, as figures do (`orders.figures`).')),
                ('erased_at', models.DateTimeField(null=True)),
                ('token', models.CharField(default=stores.tokens.public_token, help_text='Opens the preference page.', max_length=32, unique=True)),
                ('source_updated_at', models.DateTimeField(help_text="The platform's own time of these words; older ones only fill gaps.", null=True)),
                ('created_at', models.DateTimeField()),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-created_at', '-id'], name='customer_newest'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('email'), name='gin_trgm_ops'), name='customer_called'), models.Index(models.F('store'), django.db.models.functions.text.Lower('name'), models.F('id'), name='customer_by_name'), models.Index(models.F('store'), django.db.models.functions.text.Lower('city'), name='customer_of_city'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='customer_tagged'), models.Index(condition=models.Q(('erased_at__isnull', False)), fields=['store', 'id'], name='customer_erased'), models.Index(condition=models.Q(('has_ordered', False)), fields=['store', 'id'], include=('erased_at',), name='customer_never_ordered'), models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['store', 'marketing', 'country', 'id'], include=('email_key', 'language', 'birth_month', 'birth_day', 'created_at'), name='customer_traits')],
                'constraints': [models.UniqueConstraint(fields=('store', 'email_key'), name='customer_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Rhythm',
            fields=[
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rhythm', serialize=False, to='stores.store')),
                ('refreshed_at', models.DateTimeField(null=True)),
                ('first_month', models.DateField(help_text='The month of the first refresh ever: nobody knows what was before it.', null=True)),
                ('month', models.DateField(help_text="The first day of the month, by the store's clock, that `last_month_group` precedes.", null=True)),
                ('buyers_count', models.PositiveIntegerField(default=0)),
                ('gap_days', models.FloatField(help_text='The median gap between orders of those who came back; null for too few.', null=True)),
                ('second_order_days', models.FloatField(help_text='The median time to the second order of those who placed one.', null=True)),
                ('second_orders_count', models.PositiveIntegerField(default=0)),
                ('lapsing_days', models.PositiveSmallIntegerField(default=90, help_text='Days after the last order from which a buyer is lapsing.')),
                ('lost_days', models.PositiveSmallIntegerField(default=180)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Touched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('store_id', models.BigIntegerField()),
                ('customer_id', models.BigIntegerField(help_text='Null: everybody.', null=True)),
                ('what', models.CharField(blank=True, choices=[('rfm', 'Scores, groups and stages'), ('predictions', 'Predictions'), ('engagement', 'Scores of actions'), ('history', 'Scores of actions long past'), ('tags', 'Tags')], help_text='Of everybody: what was worked out anew.', max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(choices=[('marketing', 'Offers and news'), ('service', 'Help with what was bought'), ('tips', 'Help mails'), ('questions', 'Questions and reviews'), ('offers', 'Offers'), ('news', 'News'), ('fewer', 'More than few mails'), ('pause', 'Mails without a pause')], max_length=12)),
                ('is_granted', models.BooleanField()),
                ('source', models.CharField(help_text="Where it was said: the shop's checkout, an unsubscribe link, staff.", max_length=60)),
                ('wording', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-at'], name='consent_history')],
            },
        ),
        migrations.CreateModel(
            name='Alias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email_key', models.CharField(max_length=320)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'email_key'), name='alias_once')],
            },
        ),
        migrations.CreateModel(
            name='Duplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, help_text='What they share: phone, name (and postal code), email.', size=None)),
                ('is_dismissed', models.BooleanField(default=False, help_text='Staff said that they are two people.')),
                ('first', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='duplicate_once')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('order.placed', 'Order placed'), ('order.paid', 'Order paid'), ('order.changed', 'Order changed'), ('order.cancelled', 'Order cancelled'), ('order.refunded', 'Refund'), ('order.awaited', 'Not there yet, says the customer'), ('order.fulfilled', 'Order left the shop'), ('order.out_of_stock', 'Out of stock'), ('order.received', 'Order received'), ('shipment.shipped', 'Parcel shipped'), ('shipment.moved', 'Delivery estimate moved'), ('shipment.scanned', 'Parcel scanned'), ('shipment.trending_late', 'Parcel will be late'), ('shipment.late', 'Parcel late'), ('shipment.stalled', 'No news of a parcel'), ('shipment.out_for_delivery', 'Out for delivery'), ('shipment.ready', 'Parcel ready to be picked up'), ('shipment.delivered', 'Parcel delivered'), ('shipment.failed', 'Delivery failed'), ('shipment.returned', 'Parcel returned'), ('mail.sent', 'Mail sent'), ('mail.held', 'Mail on hold'), ('mail.skipped', 'Mail skipped'), ('mail.delivered', 'Mail delivered'), ('mail.bounced', 'Mail bounced'), ('mail.complained', 'Marked as spam'), ('mail.clicked', 'Link clicked'), ('mail.unknown', 'Outcome unknown'), ('reply.received', 'Reply'), ('consent.granted', 'Permission given'), ('consent.withdrawn', 'Permission withdrawn'), ('consent.expiring', 'Permission grows stale'), ('consent.renewed', 'Permission renewed'), ('answer.given', 'Answer'), ('review.given', 'Review'), ('review.answered', 'Review answered'), ('task.opened', 'Task opened'), ('task.closed', 'Task closed'), ('flow.entered', 'Entered a flow'), ('flow.left', 'Left a flow'), ('flow.waited', 'A wait was over'), ('webhook.sent', 'Told another system'), ('webhook.failed', 'Could not tell another system'), ('coupon.issued', 'Discount code given'), ('coupon.redeemed', 'Discount code used'), ('referral.joined', 'Asked for the code of a friend'), ('referral.credited', 'Brought a friend who ordered'), ('referral.revoked', 'A friend’s order did not stand'), ('referral.rewarded', 'Rewarded for a friend'), ('cart.started', 'Cart started'), ('cart.abandoned', 'Cart abandoned'), ('cart.recovered', 'Cart recovered'), ('product.runs_out', 'Supply runs out'), ('product.price_dropped', 'Price dropped'), ('product.back_in_stock', 'Back in stock'), ('segment.entered', 'Entered a segment'), ('segment.left', 'Left a segment'), ('customer.birthday', 'Birthday'), ('customer.date', 'A date of theirs'), ('customer.tagged', 'Tagged'), ('customer.gift_season', 'Gift season'), ('customer.merged', 'Customers merged'), ('customer.erased', 'Customer erased'), ('note.added', 'Note'), ('staff.acted', 'Staff action')], max_length=32)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('key', models.CharField(help_text='What makes this event one event: a replay with the same key writes nothing.', max_length=200)),
                ('data', models.JSONField(default=dict)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='customers.customer')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-occurred_at', '-id'], include=('kind',), name='event_timeline'), models.Index(fields=['store', 'kind', 'occurred_at', 'customer'], name='event_of_kind')],
                'constraints': [models.UniqueConstraint(fields=('store', 'key'), name='event_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'external_id'), name='identity_once')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gone_id', models.BigIntegerField(help_text='The number of the customer who was merged into it.')),
                ('gone_name', models.CharField(max_length=320)),
                ('by', models.CharField(blank=True, max_length=120)),
                ('at', models.DateTimeField()),
                ('moved', models.JSONField(default=dict, help_text='By table: the numbers of the rows that went over.')),
                ('taken_out', models.JSONField(default=list, help_text='[table, row] of what could not stand twice.')),
                ('before', models.JSONField(default=dict, help_text='What the merge changed of the customer who stays.')),
                ('undone_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-at'], name='merge_newest')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RfmMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day.')),
                ('from_group', models.CharField(blank=True, choices=[('champions', 'Champions'), ('loyal', 'Loyal'), ('recent', 'Recent'), ('needs_attention', 'Needs attention'), ('at_risk', 'At risk'), ('inactive', 'Inactive')], max_length=16)),
                ('to_group', models.CharField(blank=True, choices=[('champions', 'Champions'), ('loyal', 'Loyal'), ('recent', 'Recent'), ('needs_attention', 'Needs attention'), ('at_risk', 'At risk'), ('inactive', 'Inactive')], max_length=16)),
                ('customers', models.PositiveIntegerField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'month', 'from_group', 'to_group'), name='movement_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(help_text='The filters as they stand in the address.', max_length=1000)),
                ('created_at', models.DateTimeField()),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['created_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'owner', 'name'), name='saved_view_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('detail', models.TextField(blank=True)),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(help_text='What it is about, such as `low-score:<response>`: one task for one thing.', max_length=120)),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', max_length=8)),
                ('order_number', models.CharField(blank=True, max_length=120)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['due_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['customer'], name='task_open_of_customer'), models.Index(fields=['store', 'state', 'due_at'], name='task_list')],
                'constraints': [models.UniqueConstraint(fields=('store', 'key'), name='task_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Unread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=20)),
                ('event_id', models.BigIntegerField()),
                ('store_id', models.BigIntegerField()),
                ('customer_id', models.BigIntegerField()),
                ('failed_at', models.DateTimeField(help_text='The reader could not act on it; kept for whoever mends that.', null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('failed_at__isnull', True)), fields=['reader', 'id'], name='unread_queue')],
                'constraints': [models.UniqueConstraint(fields=('event_id', 'reader'), name='unread_once')],
            },
        ),
        migrations.CreateModel(
            name='Metrics',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='metrics', serialize=False, to='customers.customer')),
                ('orders_count', models.PositiveIntegerField(default=0)),
                ('total_spent_minor', models.BigIntegerField(default=0)),
                ('refunded_minor', models.BigIntegerField(default=0)),
                ('items_count', models.PositiveIntegerField(default=0, help_text='Bought and not given back.')),
                ('returns_count', models.PositiveIntegerField(default=0, help_text='Orders of which something was given back.')),
                ('coupon_orders_count', models.PositiveIntegerField(default=0, help_text='Orders placed with a discount code.')),
                ('first_order_at', models.DateTimeField(null=True)),
                ('second_order_at', models.DateTimeField(null=True)),
                ('last_order_at', models.DateTimeField(null=True)),
                ('latest_orders_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, help_text='When the last LATEST orders were placed, newest first.', size=None)),
                ('days_between_orders', models.FloatField(help_text='The mean gap between the days of orders; null below two such days.', null=True)),
                ('first_product_id', models.BigIntegerField(help_text='The first item of the first order; products stand above.', null=True)),
                ('first_source', models.CharField(blank=True, help_text='Where the first order came from, such as `newsletter`.', max_length=60)),
                ('last_source', models.CharField(blank=True, max_length=60)),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'total_spent_minor', 'customer'], include=('orders_count', 'last_order_at'), name='metrics_by_spent'), models.Index(fields=['store', 'last_order_at', 'customer'], include=('orders_count', 'total_spent_minor', 'returns_count', 'first_order_at'), name='metrics_by_last_order'), models.Index(models.F('store'), models.F('latest_orders_at__1'), name='metrics_by_one_before'), models.Index(fields=['store', 'orders_count', 'customer'], name='metrics_by_orders')],
            },
        ),
        migrations.CreateModel(
            name='Rfm',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rfm', serialize=False, to='customers.customer')),
                ('recency', models.PositiveSmallIntegerField(help_text='1 to 5; 5 bought last. As the next two.', null=True)),
                ('frequency', models.PositiveSmallIntegerField(null=True)),
                ('monetary', models.PositiveSmallIntegerField(null=True)),
                ('group', models.CharField(blank=True, choices=[('champions', 'Champions'), ('loyal', 'Loyal'), ('recent', 'Recent'), ('needs_attention', 'Needs attention'), ('at_risk', 'At risk'), ('inactive', 'Inactive')], max_length=16)),
                ('stage', models.CharField(choices=[('prospect', 'Prospect'), ('first_time', 'First-time buyer'), ('active', 'Active repeat buyer'), ('lapsing', 'Lapsing'), ('lost', 'Lost')], max_length=12)),
                ('last_month_group', models.CharField(blank=True, choices=[('champions', 'Champions'), ('loyal', 'Loyal'), ('recent', 'Recent'), ('needs_attention', 'Needs attention'), ('at_risk', 'At risk'), ('inactive', 'Inactive')], help_text='The group when the month began.', max_length=16)),
                ('changed_at', models.DateTimeField(help_text='Since when the group and the stage are what they are.')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'recency', 'frequency'], name='rfm_cell'), models.Index(fields=['store', 'group', 'customer'], name='rfm_group'), models.Index(fields=['store', 'stage', 'customer'], name='rfm_stage')],
            },
        ),
        migrations.RunSQL(_SETTLE, migrations.RunSQL.noop),  # written by hand: keep it when this file is made anew
    ]
