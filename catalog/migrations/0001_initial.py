import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('title', models.CharField(max_length=300)),
                ('sku', models.CharField(blank=True, max_length=120)),
                ('category', models.CharField(blank=True, max_length=200)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('kind', models.CharField(choices=[('physical', 'Parcel'), ('digital', 'Download'), ('service', 'Service')], default='physical', max_length=10)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('image_url', models.URLField(blank=True, max_length=500)),
                ('price_minor', models.BigIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('is_available', models.BooleanField(default=True)),
                ('price_before_minor', models.BigIntegerField(help_text='What it cost before the last drop of its price.', null=True)),
                ('price_dropped_at', models.DateTimeField(null=True)),
                ('restocked_at', models.DateTimeField(help_text='When it could last be bought again.', null=True)),
                ('source_updated_at', models.DateTimeField(null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('price_dropped_at__isnull', False)), fields=['store', 'price_dropped_at'], name='product_cheaper'), models.Index(condition=models.Q(('restocked_at__isnull', False)), fields=['store', 'restocked_at'], name='product_restocked')],
                'constraints': [models.UniqueConstraint(fields=('store', 'external_id'), name='product_once')],
            },
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('said', 'Chosen'), ('learned', 'Learned')], default='said', max_length=8)),
                ('is_blocked', models.BooleanField(default=False, help_text='Never suggested, whatever is learned.')),
                ('reason', models.CharField(blank=True, help_text='As the customer reads it; empty: in words of `share`.', max_length=200)),
                ('rank', models.PositiveSmallIntegerField(default=1, help_text='The lower is suggested first; what was learned comes last.')),
                ('buyers', models.PositiveIntegerField(default=0, help_text='How many took both within the window.')),
                ('share', models.FloatField(help_text="Of the product's buyers, 0 to 1 (confidence).", null=True)),
                ('lift', models.FloatField(help_text='How many times as often as all buyers take it.', null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairings', to='catalog.product')),
                ('suggested', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product')),
            ],
            options={
                'ordering': ['rank', 'id'],
                'indexes': [models.Index(fields=['store', '-buyers', '-id'], name='pairing_list')],
                'constraints': [models.UniqueConstraint(fields=('product', 'suggested'), name='pairing_once')],
            },
        ),
        migrations.CreateModel(
            name='ProductGuide',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('headline', models.CharField(blank=True, help_text="What the steps lead to, such as “a first brew”.", max_length=120)),
                ('tips', models.JSONField(default=list, help_text='Three or four short steps, a list of strings.')),
                ('mistake', models.TextField(blank=True, help_text='The one mistake to avoid.')),
                ('care', models.TextField(blank=True)),
                ('video_url', models.URLField(blank=True, max_length=500)),
                ('lessons', models.JSONField(default=list, help_text='Small lessons for after it has arrived, `Title: text`, a list of strings.')),
                ('call_url', models.URLField(blank=True, help_text='Where somebody books a call to be shown how it works.', max_length=500)),
                ('return_days', models.PositiveSmallIntegerField(null=True)),
                ('warranty_months', models.PositiveSmallIntegerField(null=True)),
                ('replenish_days', models.PositiveSmallIntegerField(help_text='How long a piece lasts; null: as learned, 0: it is no supply.', null=True)),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='guide', to='catalog.product')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
