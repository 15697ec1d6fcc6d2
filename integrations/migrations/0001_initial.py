import django.contrib.postgres.fields
import django.db.models.deletion
import integrations.models
import stores.tokens
from django.conf import settings
from django.db import migrations, models

#: What deliveries said, by the day on which they came. What belongs to no day that is there yet waits in the default partition (stores.partitions).
PARTITIONED = """
CREATE TABLE integrations_payload (
    item_id bigint NOT NULL,
    store_id bigint NOT NULL,
    received_at timestamptz NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (item_id, received_at)
) PARTITION BY RANGE (received_at);
CREATE TABLE integrations_payload_default PARTITION OF integrations_payload DEFAULT;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(choices=[('generic', 'Any shop (JSON)'), ('shopify', 'Shopify'), ('woocommerce', 'WooCommerce'), ('easypost', 'Carriers, by EasyPost'), ('aftership', 'Carriers, by AfterShip'), ('17track', 'Carriers, by 17TRACK')], max_length=20)),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('sealed_secret', models.TextField()),
                ('sealed_old_secret', models.TextField(blank=True)),
                ('live_since', models.DateTimeField(help_text='Orders placed before it are history: they enrol nobody.')),
                ('created_at', models.DateTimeField()),
                ('last_event_at', models.DateTimeField(null=True)),
                ('uninstalled_at', models.DateTimeField(null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Asking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shop', models.CharField(help_text='Such as my-shop.myshopify.com, or https://shop.example.', max_length=120)),
                ('sealed_token', models.TextField()),
                ('asked_to', models.DateTimeField(help_text='What changed until then is here.')),
                ('asked_at', models.DateTimeField(help_text='When it was last asked; null: its turn is now.', null=True)),
                ('missed', models.PositiveIntegerField(default=0, help_text='Changes that no delivery had brought.')),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('connection', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='asking', to='integrations.connection')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200)),
                ('file', models.FileField(blank=True, upload_to=integrations.models.import_path)),
                ('size', models.BigIntegerField(default=0, help_text='Of one that comes in pieces, in bytes; `arrived` is how much of it is here.')),
                ('arrived', models.BigIntegerField(default=0)),
                ('kind', models.CharField(choices=[('jsonl', 'JSON, one order a line'), ('csv', 'CSV')], default='jsonl', max_length=8)),
                ('subject', models.CharField(choices=[('orders', 'Orders'), ('customers', 'Customers')], default='orders', max_length=10)),
                ('state', models.CharField(choices=[('uploading', 'Being uploaded'), ('mapping', 'Waiting for its columns'), ('uploaded', 'Being checked'), ('checked', 'Checked'), ('waiting', 'Being imported'), ('done', 'Imported'), ('failed', 'Cannot be read'), ('cancelled', 'Cancelled'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='waiting', max_length=10)),
                ('reading', models.JSONField(default=dict, help_text='Of a CSV: how it is read (files.reading.Reading).')),
                ('basis', models.JSONField(default=dict, help_text='On what a yes to marketing rests: its source and wording; empty leaves it out.')),
                ('problem', models.TextField(blank=True, help_text='Why the file as a whole cannot be read.')),
                ('total', models.PositiveIntegerField(default=0, help_text='What the check found, good and bad.')),
                ('line', models.PositiveIntegerField(default=0, help_text='The last line that is dealt with.')),
                ('refused', models.PositiveIntegerField(default=0, help_text='How many were bad; `bad` keeps the first thousand.')),
                ('claim', models.UUIDField(help_text='The fencing token of the sweep at work.', null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('read', models.PositiveIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('granted', models.PositiveIntegerField(default=0, help_text='How many of them say yes to marketing.')),
                ('withdrawn', models.PositiveIntegerField(default=0, help_text='How many of them say no to it.')),
                ('bad', models.JSONField(default=list)),
                ('sample', models.JSONField(default=list, help_text='The first of them as they are understood.')),
                ('undone', models.JSONField(default=dict, help_text='What an undo took back, and what it could not and why (undoing).')),
                ('undone_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['uploaded', 'waiting', 'undoing'])), fields=['id'], name='import_waiting'), models.Index(fields=['store', '-id'], name='import_newest')],
            },
        ),
        migrations.CreateModel(
            name='ImportTrace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('orders', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('customers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('consents', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('before', models.JSONField(default=dict)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='traces', to='integrations.importjob')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InboxItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=80)),
                ('delivery_id', models.CharField(max_length=200)),
                ('digest', models.UUIDField(help_text='Of its payload.')),
                ('triggered_at', models.DateTimeField(help_text='When the platform says it happened.', null=True)),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('received', 'Waiting'), ('done', 'Done'), ('failed', 'Failed'), ('ignored', 'Not used')], default='received', max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(null=True)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='integrations.connection')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'received')), fields=['id'], name='inbox_waiting'), models.Index(fields=['store', 'state', '-id'], name='inbox_by_state')],
                'constraints': [models.UniqueConstraint(fields=('connection', 'topic', 'delivery_id'), name='inbox_delivery_once')],
            },
        ),
        # Written by hand, as Django does not partition: keep it when this file is made anew.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PARTITIONED, reverse_sql="DROP TABLE integrations_payload")],
            state_operations=[
                migrations.CreateModel(
                    name='Payload',
                    fields=[
                        ('pk', models.CompositePrimaryKey('item_id', 'received_at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('received_at', models.DateTimeField()),
                        ('body', models.TextField()),
                        ('item', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='integrations.inboxitem')),
                        ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
            ],
        ),
    ]
