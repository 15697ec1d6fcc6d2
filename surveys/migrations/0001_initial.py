import django.db.models.deletion
import stores.tokens
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('orders', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, help_text='What it is about, as it was bought.', max_length=300)),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('stars', models.PositiveSmallIntegerField(null=True)),
                ('text', models.TextField(blank=True)),
                ('name', models.CharField(blank=True, help_text='Who others see that it is from.', max_length=60)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('waiting', 'Waiting'), ('shown', 'Shown'), ('hidden', 'Hidden')], default='asked', max_length=8)),
                ('hidden_because', models.CharField(blank=True, choices=[('abuse', 'It insults somebody'), ('private', 'It names a private person or an address'), ('off_topic', 'It is not about the product'), ('not_real', 'It is advertising, or not a buyer’s own words')], max_length=10)),
                ('answer', models.TextField(blank=True, help_text='What the shop says to it, in public.')),
                ('answered_at', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('given_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='customers.customer')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='orders.order')),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='catalog.product')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('given_at__isnull', False)), fields=['store', '-given_at', '-id'], name='review_newest'), models.Index(fields=['product', 'state'], name='review_of_product')],
                'constraints': [models.UniqueConstraint(fields=('order',), name='review_once_an_order'), models.CheckConstraint(condition=models.Q(('stars__isnull', True), ('stars__range', (1, 5)), _connector='OR'), name='review_stars_1_to_5')],
            },
        ),
        migrations.CreateModel(
            name='ReviewPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('digest', models.CharField(max_length=32)),
                ('kind', models.CharField(max_length=3)),
                ('content', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('added_at', models.DateTimeField()),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='surveys.review')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('review', 'digest'), name='review_photo_once')],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('question', models.CharField(max_length=200)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'key'), name='survey_once')],
            },
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=stores.tokens.public_token, max_length=32, unique=True)),
                ('score', models.PositiveSmallIntegerField(null=True)),
                ('comment', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='customers.customer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='surveys.survey')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-answered_at'], name='response_of_customer'), models.Index(condition=models.Q(('answered_at__isnull', False)), fields=['store', '-answered_at', '-id'], name='response_newest')],
                'constraints': [models.UniqueConstraint(fields=('survey', 'order'), name='response_once_an_order'), models.CheckConstraint(condition=models.Q(('score__isnull', True), ('score__range', (1, 5)), _connector='OR'), name='response_score_1_to_5')],
            },
        ),
    ]
