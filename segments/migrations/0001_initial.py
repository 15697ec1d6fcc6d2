import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('rule', 'Rule'), ('list', 'List')], default='rule', max_length=4)),
                ('rule', models.JSONField(default=dict, help_text='As `rules.parsing` reads it; empty for a list.')),
                ('asks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, help_text='What its rows are about, as the catalogue names it.', size=None)),
                ('is_watched', models.BooleanField(default=False, help_text='Entering and leaving it are told to the wire, and stand in timelines.')),
                ('created_at', models.DateTimeField()),
                ('archived_at', models.DateTimeField(null=True)),
                ('people', models.PositiveIntegerField(default=0)),
                ('filled_at', models.DateTimeField(help_text='When its members were first found by the rule it has now.', null=True)),
                ('refreshed_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(help_text='When everybody is looked at again; null for what is archived, and for lists.', null=True)),
                ('build_ms', models.PositiveIntegerField(help_text='What looking at everybody took last.', null=True)),
                ('problem', models.CharField(blank=True, help_text='Why it could not be brought up to date.', max_length=300)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['name'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='segment_due')],
                'constraints': [models.UniqueConstraint(fields=('store', 'name'), name='segment_name_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entered_at', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='customers.customer')),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='segments.segment')),
            ],
            options={
                'indexes': [models.Index(fields=['segment', 'entered_at'], name='membership_longest')],
                'constraints': [models.UniqueConstraint(fields=('segment', 'customer'), name='membership_of_segment_once')],
            },
        ),
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('people', models.PositiveIntegerField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='segments.segment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('segment', 'day'), name='segment_count_once')],
            },
        ),
        migrations.CreateModel(
            name='BulkAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('tag', 'given to'), ('untag', 'taken from'), ('list', 'now lists')], max_length=5)),
                ('tag', models.CharField(blank=True, max_length=60)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='Those of whom it changed something.', size=None)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('segment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-at'], name='bulk_act_newest')],
            },
        ),
        migrations.CreateModel(
            name='Cutoff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('percent', models.DecimalField(decimal_places=6, max_digits=8)),
                ('spent_minor', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'percent'), name='cutoff_once')],
            },
        ),
    ]
