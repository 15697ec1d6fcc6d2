import django.db.models.deletion
import stores.tokens
from django.conf import settings
from django.db import migrations, models


#: A mail's words are compressed as they are written; the usual way of it takes longer than all the rest of writing them.
_COMPRESS = """
DO $$ BEGIN
    ALTER TABLE messaging_message ALTER COLUMN html SET COMPRESSION lz4, ALTER COLUMN text SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;  -- a server that was built without it
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('orders', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='The road, and what of it is limited.', max_length=300, unique=True)),
                ('next_at', models.DateTimeField(help_text='When the next mail is due at an even pace; a short rush may run ahead of it.')),
                ('queue_until', models.DateTimeField(help_text='Until then, turns were given away to bulk mail.')),
                ('urgent_until', models.DateTimeField(help_text='The same, to urgent mail.')),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stream', models.CharField(choices=[('all', 'All mails'), ('transactional', 'Order mails'), ('marketing', 'Help and marketing')], max_length=15)),
                ('provider', models.CharField(max_length=20)),
                ('options', models.JSONField(default=dict)),
                ('sealed_credentials', models.TextField(blank=True)),
                ('from_email', models.EmailField(blank=True, help_text="Empty: the store's own.", max_length=254)),
                ('from_name', models.CharField(blank=True, max_length=120)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
                ('hook_token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('sealed_hook_secrets', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(help_text='When the road was last seen to work.', null=True)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('last_event_at', models.DateTimeField(null=True)),
                ('per_minute', models.PositiveIntegerField(help_text='So many mails at most within any minute; null: any number.', null=True)),
                ('per_domain_minute', models.PositiveIntegerField(help_text='The same, to addresses of one domain.', null=True)),
                ('warm_up_from', models.DateField(help_text='The first day of its warm-up (`messaging.roads.rates`); null: it needs none.', null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'stream'), name='account_of_stream_once'), models.CheckConstraint(condition=models.Q(models.Q(('per_minute', 0), _negated=True), models.Q(('per_domain_minute', 0), _negated=True)), name='account_rate_lets_some_through')],
            },
        ),
        migrations.CreateModel(
            name='CountedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('zone', models.CharField(help_text='By which clock.', max_length=64)),
                ('counted_at', models.DateTimeField()),
                ('is_stale', models.BooleanField(default=False, help_text='Something was said of its mails since.')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'day'), name='counted_day_once')],
            },
        ),
        migrations.CreateModel(
            name='DayCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('domain', models.CharField(blank=True, max_length=320)),
                ('flow', models.CharField(blank=True, max_length=60)),
                ('step', models.CharField(blank=True, max_length=60)),
                ('purpose', models.CharField(blank=True, choices=[('transactional', 'Transactional'), ('service', 'Service'), ('marketing', 'Marketing')], max_length=15)),
                ('sent', models.PositiveIntegerField()),
                ('delivered', models.PositiveIntegerField()),
                ('bounced', models.PositiveIntegerField()),
                ('complained', models.PositiveIntegerField()),
                ('unsubscribed', models.PositiveIntegerField()),
                ('clicked', models.PositiveIntegerField()),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'day'], name='day_count_of_store')],
            },
        ),
        migrations.CreateModel(
            name='InvalidAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256 of the address in its normal form, in hex.', max_length=64)),
                ('is_sure', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('digest', 'store'), name='invalid_address_once')],
            },
        ),
        migrations.CreateModel(
            name='MarketingStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('why', models.CharField(max_length=250)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dedupe_key', models.CharField(help_text='One logical mail exists once.', max_length=120)),
                ('flow', models.CharField(blank=True, max_length=60)),
                ('step', models.CharField(blank=True, max_length=60)),
                ('purpose', models.CharField(choices=[('transactional', 'Transactional'), ('service', 'Service'), ('marketing', 'Marketing')], max_length=15)),
                ('is_urgent', models.BooleanField(help_text='Transactional mail goes before bulk.')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('claimed', 'Being prepared'), ('sending', 'Being sent'), ('sent', 'Sent'), ('retry', 'Will be tried again'), ('failed', 'Failed'), ('unknown', 'Outcome unknown'), ('cancelled', 'Not sent')], default='queued', max_length=10)),
                ('reason', models.CharField(blank=True, choices=[('no_consent', 'Has not agreed to this kind of mail'), ('unsubscribed', 'Unsubscribed'), ('declined', 'Does not want this kind of mail'), ('suppressed', 'This address takes no mail'), ('erased', 'Customer was erased'), ('cancelled', 'Order was cancelled'), ('refunded', 'Order was refunded'), ('returned', 'Everything was returned'), ('too_late', 'Too late to be of use'), ('no_tips', 'The products have no tips yet'), ('no_pairing', 'Nothing is known to go well with it'), ('no_code', 'No discount code was left'), ('making_code', 'Waits for the shop to make the code'), ('stacked', 'Has another code that is still good'), ('budget', 'Has had the discounts of this quarter'), ('no_address', 'No e-mail address'), ('no_imprint', 'The shop’s postal address is missing'), ('bought_since', 'Bought again in the meantime'), ('low_score', 'Was not happy'), ('answered', 'Has already answered'), ('no_call', 'No call can be booked for it, or it was'), ('has_account', 'Has an account, or the shop has none to offer'), ('out_of_stock', 'Cannot be bought at the moment'), ('asked', 'Was asked for a review already'), ('check_in', 'The check-in asks instead'), ('open_task', 'Waits until an open task is closed'), ('paused', 'Paused'), ('stopped', 'Sending is stopped'), ('cap', 'Would be too many mails'), ('fewer', 'Wants fewer mails'), ('break', 'Wants a break from mails'), ('quiet_hours', 'Quiet hours'), ('holdout', 'In the comparison group'), ('shop_sends_it', 'The shop sends this mail itself'), ('merged', "Joined with another order's mails"), ('knows', 'Has had these products before'), ('arrived', 'The first one had arrived after all'), ('not_needed', 'Was not needed'), ('not_sure', 'Nobody has said that it arrived'), ('trouble', 'Waits until a late, failed or refunded order is put right'), ('waits', 'Waits for something to happen'), ('happened', 'What was waited for has happened'), ('not_happened', 'What was waited for did not happen'), ('not_among', 'Is not among those it is for'), ('instead', 'Another mail goes in its place'), ('left_audience', 'Is no longer among those it is for'), ('step_removed', 'The step was taken out of the flow'), ('staff', 'Skipped by hand'), ('called_off', 'Its campaign was stopped'), ('render', 'The mail could not be drawn'), ('restored', 'May have gone before a backup was put back'), ('watch_only', 'Watched only: this mail would have gone')], max_length=20)),
                ('detail', models.CharField(blank=True, help_text='What the mail server said.', max_length=500)),
                ('to_email', models.CharField(max_length=320)),
                ('to_name', models.CharField(blank=True, max_length=200)),
                ('from_email', models.CharField(max_length=320)),
                ('from_name', models.CharField(blank=True, max_length=200)),
                ('reply_to', models.CharField(blank=True, max_length=320)),
                ('subject', models.CharField(max_length=500)),
                ('html', models.TextField()),
                ('text', models.TextField()),
                ('token', models.CharField(default=stores.tokens.public_token, help_text='Opens the unsubscribe page of this mail.', max_length=32, unique=True)),
                ('follows', models.TextField(blank=True, help_text="The ids of the conversation's mails that it answers, the oldest first.")),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='When it may be tried (next).')),
                ('use_by', models.DateTimeField(help_text='After it the mail is worthless and is not sent.')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('doubtful_road', models.BigIntegerField(help_text='The account whose try was never answered: only there, under its key, a repeat is no second mail.', null=True)),
                ('claim', models.UUIDField(help_text='The fencing token: only who holds it may change the row.', null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('provider_id', models.CharField(blank=True, max_length=200)),
                ('unsubscribed_at', models.DateTimeField(help_text='When its unsubscribe link was used.', null=True)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='customers.customer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='orders.order')),
                ('repeats', models.ForeignKey(db_index=False, help_text='A possible duplicate of that one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='repeated_by', to='messaging.message')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'retry'])), fields=['is_urgent', 'store', 'due_at', 'id'], name='message_due'), models.Index(condition=models.Q(('state__in', ['claimed', 'sending'])), fields=['lease_until'], name='message_leased'), models.Index(fields=['customer', '-created_at'], name='message_of_customer'), models.Index(fields=['store', '-id'], name='message_log'), models.Index(condition=models.Q(('state', 'unknown')), fields=['store', 'due_at'], name='message_unknown'), models.Index(condition=models.Q(('repeats__isnull', False)), fields=['repeats'], name='message_repeats'), models.Index(condition=models.Q(('state__in', ['failed', 'cancelled'])), fields=['store', 'state', '-id'], name='message_not_sent'), models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['store', '-sent_at'], include=('purpose',), name='message_sent')],
                'constraints': [models.UniqueConstraint(fields=('store', 'dedupe_key'), name='message_once')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('url', models.CharField(max_length=2000)),
                ('label', models.CharField(blank=True, help_text='The words it stands under.', max_length=80)),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='messaging.message')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Click',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(blank=True, choices=[('human', 'A person'), ('machine', 'A machine'), ('unsure', 'Not sure')], help_text='Empty until what happened around it is known.', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('agent', models.CharField(blank=True, max_length=300)),
                ('ip_prefix', models.CharField(blank=True, max_length=43)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clicks', to='messaging.link')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('kind', '')), fields=['id'], name='click_unjudged')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('again', 'Not taken, tried again'), ('failed', 'Refused for good'), ('unknown', 'Never answered')], max_length=7)),
                ('road', models.CharField(max_length=60)),
                ('answer', models.CharField(max_length=500)),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='messaging.message')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dedupe_key', models.CharField(help_text="The account and the event's own id, or its digest.", max_length=120)),
                ('raw', models.JSONField(null=True)),
                ('received_at', models.DateTimeField()),
                ('acted_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, help_text='Why it was set aside.', max_length=500)),
                ('kind', models.CharField(blank=True, choices=[('delivered', 'Delivered'), ('hard', 'Bounced for good'), ('invalid', 'Not an address'), ('soft', 'Bounced for now'), ('block', 'Blocked'), ('complained', 'Marked as spam'), ('unsubscribed', 'Unsubscribed at the provider'), ('opened', 'Opened'), ('clicked', 'Clicked'), ('taken', 'Taken or delayed'), ('other', 'Something else')], max_length=12)),
                ('email_key', models.CharField(blank=True, max_length=320)),
                ('occurred_at', models.DateTimeField(null=True)),
                ('detail', models.CharField(blank=True, max_length=500)),
                ('account', models.ForeignKey(help_text='Null: said while sending.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='messaging.account')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='provider_events', to='messaging.message')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('acted_at__isnull', True), ('error', '')), fields=['id'], name='provider_event_waiting'), models.Index(condition=models.Q(('kind__in', ['delivered', 'hard', 'invalid', 'soft'])), fields=['store', 'email_key'], name='provider_event_ledger'), models.Index(condition=models.Q(('kind__in', ['hard', 'invalid', 'soft', 'block', 'complained'])), fields=['store', '-occurred_at'], name='provider_event_alarming'), models.Index(condition=models.Q(('raw__isnull', False)), fields=['received_at'], name='provider_event_raw')],
                'constraints': [models.UniqueConstraint(fields=('store', 'dedupe_key'), name='provider_event_once')],
            },
        ),
        migrations.CreateModel(
            name='SendingDomain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=253)),
                ('selector', models.CharField(max_length=63)),
                ('sealed_key', models.TextField(help_text='The private key, PEM.')),
                ('public_key', models.TextField(help_text='As the DNS record holds it: base64.')),
                ('signs_since', models.DateTimeField(help_text='When its key was seen in the DNS.', null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('findings', models.JSONField(default=list, help_text="`messaging.domains.dns_check`'s findings of then.")),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'domain'), name='sending_domain_once')],
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email_key', models.CharField(max_length=320)),
                ('cause', models.CharField(choices=[('hard_bounce', 'Bounced for good'), ('soft_bounces', 'Bounced too often'), ('invalid', 'Not an address'), ('complaint', 'Marked a mail as spam'), ('manual', 'Put on the list by hand')], max_length=15)),
                ('evidence', models.TextField(blank=True, help_text='What the mail server said, or who put it on the list and why.')),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.message')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-at', '-id'], name='suppression_list')],
                'constraints': [models.UniqueConstraint(fields=('store', 'email_key'), name='suppression_once')],
            },
        ),
        migrations.RunSQL(_COMPRESS, migrations.RunSQL.noop),  # written by hand: keep it when this file is made anew
    ]
