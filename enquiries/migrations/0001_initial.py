import django.db.models.deletion
import enquiries.models
import stores.tokens
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('messaging', '0001_initial'),
        ('orders', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('store', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='desk', serialize=False, to='stores.store')),
                ('hours', models.JSONField(default=enquiries.models.usual_hours, help_text="By ISO weekday: opens and closes, by the store's clock. Not there: closed.")),
                ('answer_within_hours', models.PositiveSmallIntegerField(default=8, help_text='Of office hours: when an answer is due.')),
                ('acknowledges', models.BooleanField(default=True, help_text='Whether what a customer writes is answered at once by a mail.')),
                ('support_codes_a_month', models.PositiveSmallIntegerField(default=20, help_text='Codes one person may give within 30 days.')),
                ('marketer_codes_a_month', models.PositiveSmallIntegerField(default=100)),
                ('provider', models.CharField(blank=True, help_text='Who hands us mail (`enquiries.doors`); empty: nobody.', max_length=20)),
                ('address', models.EmailField(blank=True, help_text='Where that provider takes mail; answers go to name+token@domain of it.', max_length=254)),
                ('hook_token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('sealed_secret', models.TextField(blank=True)),
                ('last_mail_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256 of the body: a delivery that is repeated is kept once.', max_length=64)),
                ('content_type', models.CharField(max_length=300)),
                ('raw', models.BinaryField(null=True)),
                ('provider', models.CharField(max_length=20)),
                ('received_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, help_text='Why nothing came of it.', max_length=500)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('error', ''), ('read_at__isnull', True)), fields=['id'], name='arrival_waiting'), models.Index(condition=models.Q(('raw__isnull', False)), fields=['received_at'], name='arrival_raw')],
                'constraints': [models.UniqueConstraint(fields=('store', 'digest'), name='arrival_once')],
            },
        ),
        migrations.CreateModel(
            name='CannedAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('body', models.TextField(help_text='Liquid, as in mails.')),
                ('keywords', models.TextField(blank=True, help_text='Words and phrases that ask for it, one a line.')),
                ('is_offered', models.BooleanField(default=True, help_text='Whether it is also mailed by itself.')),
                ('language', models.CharField(blank=True, help_text="It is written in; empty: the shop's own.", max_length=20)),
                ('changed_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['title', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'title'), name='canned_answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Enquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting for the customer'), ('snoozed', 'Snoozed'), ('closed', 'Closed')], default='open', max_length=8)),
                ('way', models.CharField(choices=[('mail', 'By mail'), ('tracker', 'On the tracker'), ('form', 'By the form'), ('call', 'By phone'), ('social', 'On social media')], default='mail', max_length=8)),
                ('from_email', models.CharField(blank=True, max_length=320)),
                ('from_name', models.CharField(blank=True, max_length=200)),
                ('token', models.CharField(default=stores.tokens.public_token, help_text='Stands in the address answers go to.', max_length=32, unique=True)),
                ('opened_at', models.DateTimeField()),
                ('last_at', models.DateTimeField(help_text='When something was last said.')),
                ('due_at', models.DateTimeField(help_text='When an answer is due.')),
                ('snooze_until', models.DateTimeField(null=True)),
                ('first_answered_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('is_settled_by_offer', models.BooleanField(default=False, help_text='The customer said that the canned answer did it.')),
                ('before', models.JSONField(help_text='How it stood before the last act of staff, which can be undone.', null=True)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(help_text='Null: a stranger.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='enquiries', to='customers.customer')),
                ('offered', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='enquiries.cannedanswer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='enquiries', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('task', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='enquiry', to='customers.task')),
            ],
            options={
                'verbose_name_plural': 'enquiries',
                'indexes': [models.Index(fields=['store', 'state', 'due_at', 'id'], name='enquiry_due'), models.Index(fields=['store', 'state', '-last_at', '-id'], name='enquiry_last'), models.Index(condition=models.Q(('state', 'snoozed')), fields=['snooze_until'], name='enquiry_snoozed'), models.Index(condition=models.Q(('state', 'waiting')), fields=['last_at'], name='enquiry_waiting'), models.Index(fields=['store', '-opened_at'], name='enquiry_newest')],
            },
        ),
        migrations.CreateModel(
            name='EnquiryMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('in', 'From the customer'), ('out', 'To the customer'), ('note', 'Note'), ('call', 'Phone call'), ('social', 'Social media')], max_length=6)),
                ('from_email', models.CharField(blank=True, max_length=320)),
                ('from_name', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True, help_text='As it came; never shown but in a sandboxed frame.')),
                ('at', models.DateTimeField()),
                ('message_id', models.CharField(blank=True, max_length=255)),
                ('automatic', models.CharField(blank=True, help_text='Why it owes nobody an answer; empty: it does.', max_length=80)),
                ('arrival', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='said', to='enquiries.arrival')),
                ('author', models.ForeignKey(help_text='Of the staff.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enquiry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='enquiries.enquiry')),
                ('mail', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='said', to='messaging.message')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['enquiry', 'at', 'id'], name='enquiry_message_order')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('message_id', ''), _negated=True), fields=('store', 'message_id'), name='enquiry_message_once')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150)),
                ('kind', models.CharField(help_text='Its media type by its bytes, whatever was claimed.', max_length=80)),
                ('size', models.PositiveIntegerField()),
                ('content', models.BinaryField(help_text='Null: it was too large or one too many, and was not kept.', null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='enquiries.enquirymessage')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(help_text='Null: a stranger.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='customers.customer')),
                ('enquiry', models.ForeignKey(help_text='Whose note it is, if any.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enquiries.enquiry')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('seen_at__isnull', True)), fields=['user', 'store', '-at'], name='mention_unseen')],
            },
        ),
    ]
