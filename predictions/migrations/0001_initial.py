import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('stores', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counted',
            fields=[
                ('pk', models.CompositePrimaryKey('store', 'buyer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('buyer_id', models.BigIntegerField()),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('products', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Replenishment',
            fields=[
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='replenishment', serialize=False, to='catalog.product')),
                ('interval_days', models.PositiveIntegerField()),
                ('basis', models.PositiveIntegerField(help_text='Repeat buyers it was learned from.')),
                ('computed_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Together',
            fields=[
                ('pk', models.CompositePrimaryKey('store', 'product_id', 'suggested_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('product_id', models.BigIntegerField()),
                ('suggested_id', models.BigIntegerField()),
                ('buyers', models.IntegerField(help_text='0 where nobody is left; the nightly check takes these rows out.')),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Fit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('bgnbd', 'How often they buy, and whether they still do'), ('gamma_gamma', 'What they spend on an order'), ('baskets', 'What they take together')], max_length=12)),
                ('parameters', models.JSONField(default=dict, help_text='By name, in days and minor units; empty where data is needed.')),
                ('customers', models.PositiveIntegerField(default=0)),
                ('repeat_buyers', models.PositiveIntegerField(default=0)),
                ('history_days', models.PositiveIntegerField(default=0)),
                ('needs', models.CharField(blank=True, help_text='What is missing, in words; empty where it was fitted.', max_length=200)),
                ('fitted_at', models.DateTimeField(null=True)),
                ('counted_at', models.DateTimeField(help_text='Of baskets: when the counts last moved.', null=True)),
                ('lease_until', models.DateTimeField(help_text='A worker is at it until then.', null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'kind'), name='fit_once')],
            },
        ),
        migrations.CreateModel(
            name='Prediction',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='prediction', serialize=False, to='customers.customer')),
                ('p_alive', models.FloatField(help_text='How likely they still buy, 0 to 1; null who bought once: the model cannot tell.', null=True)),
                ('churn_risk', models.FloatField(help_text='1 − p_alive.', null=True)),
                ('expected_orders_90', models.FloatField(help_text='In the next 90 days.')),
                ('expected_value_90_minor', models.BigIntegerField(help_text='In shop money; null where spending could not be fitted.', null=True)),
                ('next_order_at', models.DateTimeField(help_text='By then an order is as likely as not; null: not within two years.', null=True)),
                ('computed_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'churn_risk'], name='prediction_by_risk'), models.Index(fields=['store', 'expected_value_90_minor'], name='prediction_by_value'), models.Index(fields=['store', 'next_order_at'], name='prediction_by_next_order')],
            },
        ),
    ]
