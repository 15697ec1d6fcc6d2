import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import stores.tokens
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('orders', '0001_initial'),
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='counter', serialize=False, to='stores.store')),
                ('platform', models.CharField(choices=[('shopify', 'Shopify'), ('woocommerce', 'WooCommerce')], max_length=12)),
                ('shop', models.CharField(help_text='Such as my-shop.myshopify.com, or https://shop.example.', max_length=200)),
                ('sealed_key', models.TextField(help_text='Shopify: the Admin API token. WooCommerce: consumer key, colon, consumer secret.')),
                ('problem', models.CharField(blank=True, help_text='What was wrong when it was last asked.', max_length=300)),
                ('asked_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OfferRules',
            fields=[
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='offer_rules', serialize=False, to='stores.store')),
                ('quarter_budget_minor', models.BigIntegerField(help_text="In the store's currency; null: no limit.", null=True)),
                ('may_stack', models.BooleanField(default=False, help_text='Whether somebody with an open code may get one of another offer.')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('shared', 'One shared code'), ('pool', 'A pool of codes'), ('made', 'Made at the shop, one a person')], default='shared', max_length=8)),
                ('value', models.CharField(blank=True, help_text="As the customer reads it, such as '€10 off'.", max_length=60)),
                ('code', models.CharField(blank=True, help_text='The shared code.', max_length=60)),
                ('days_valid', models.PositiveSmallIntegerField(default=14, help_text='From the day of the mail.')),
                ('opens_at', models.DateTimeField(help_text='Its launch: what is told ahead of it is good from then on.', null=True)),
                ('ends_at', models.DateTimeField(help_text="The shop's own end of the offer.", null=True)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('gives', models.CharField(blank=True, choices=[('money', 'Money off'), ('share', 'Per cent off'), ('shipping', 'Free shipping'), ('gift', 'A free gift')], max_length=8)),
                ('amount_minor', models.BigIntegerField(help_text='Of money off: how much.', null=True)),
                ('percent', models.PositiveSmallIntegerField(help_text='Of per cent off: how many.', null=True)),
                ('worth_minor', models.BigIntegerField(help_text='What one used code costs the shop; null: not known, and counts as nothing.', null=True)),
                ('currency', models.CharField(blank=True, help_text="Of the three amounts; empty: the store's.", max_length=3)),
                ('minimum_minor', models.BigIntegerField(help_text='What must be in the basket for it.', null=True)),
                ('only_products', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, help_text="The shop's ids of what it is for; of a gift: what is given.", size=None)),
                ('prefix', models.CharField(blank=True, help_text='What codes made at the shop begin with.', max_length=20)),
                ('grace_hours', models.PositiveSmallIntegerField(default=24, help_text='How long the shop takes a code after the end that is told.')),
                ('alarm_below', models.PositiveIntegerField(default=20, help_text='A pool with fewer codes left raises the alarm.')),
                ('alarmed_at', models.DateTimeField(help_text='When it was raised; null once there is enough again.', null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'name'), name='offer_name_once')],
            },
        ),
        migrations.CreateModel(
            name='OfferCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('free', 'Left'), ('reserved', 'To be made at the shop'), ('asked', 'The shop is asked'), ('ready', 'Made, not given yet'), ('given', 'Given'), ('used', 'Used'), ('failed', 'Could not be made')], default='free', max_length=8)),
                ('is_shared', models.BooleanField(default=False, help_text='Others have the same words.')),
                ('is_current', models.BooleanField(default=False, help_text='The one this person has of this offer.')),
                ('flow', models.CharField(blank=True, help_text='Key of the flow whose step gave it; empty: staff.', max_length=60)),
                ('step', models.CharField(blank=True, max_length=60)),
                ('worth_minor', models.BigIntegerField(default=0, help_text='What it costs if it is used, as the offer had it then.')),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('issued_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(help_text="The end that is told; the shop takes it for the offer's grace longer.", null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('made_as', models.CharField(blank=True, help_text="The shop's own id of it.", max_length=120)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(help_text='Of one to be made: when the shop is asked next.', null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='codes', to='customers.customer')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='offers.offer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='codes', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'free')), fields=['offer', 'id'], name='offer_code_left'), models.Index(condition=models.Q(('state__in', ['reserved', 'asked'])), fields=['due_at'], name='offer_code_to_make'), models.Index(models.F('store'), django.db.models.functions.text.Upper('code'), name='offer_code_named'), models.Index(condition=models.Q(('state', 'given')), fields=['store', 'expires_at'], name='offer_code_open')],
                'constraints': [models.UniqueConstraint(models.F('store'), django.db.models.functions.text.Upper('code'), condition=models.Q(('is_shared', False)), name='offer_code_once'), models.UniqueConstraint(condition=models.Q(('is_shared', True)), fields=('offer', 'order'), name='offer_code_in_order'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('offer', 'customer'), name='offer_code_current')],
            },
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='program', serialize=False, to='stores.store')),
                ('is_on', models.BooleanField(default=False)),
                ('wait_days', models.PositiveSmallIntegerField(default=14, help_text="The friend's order must stand so long.")),
                ('friend_offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='offers.offer')),
                ('reward_offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='offers.offer')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'Waits for the code'), ('invited', 'Has the code'), ('ordered', 'Has ordered'), ('rewarded', 'Rewarded'), ('refused', 'Does not count'), ('revoked', 'Taken back')], default='asked', max_length=8)),
                ('reason', models.CharField(blank=True, help_text='Why it does not count, or waits, in words.', max_length=120)),
                ('asked_at', models.DateTimeField()),
                ('ordered_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(help_text='When it is looked at next: for the code, or for the reward.', null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='brought', to='customers.customer')),
                ('friend', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='brought_by', to='customers.customer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='referrals', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='referral_due'), models.Index(fields=['store', '-id'], name='referral_newest')],
                'constraints': [models.UniqueConstraint(fields=('store', 'friend'), name='referral_once')],
            },
        ),
        migrations.CreateModel(
            name='Advocate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('is_current', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='advocates', to='customers.customer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('customer',), name='advocate_current')],
            },
        ),
    ]
