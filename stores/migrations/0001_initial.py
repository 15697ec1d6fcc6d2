import django.db.models.deletion
import django.db.models.functions.text
import stores.tokens
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('ran_at', models.DateTimeField(null=True)),
                ('behind_seconds', models.FloatField(default=0, help_text='How long the oldest thing due was left waiting then.')),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('theme', models.CharField(choices=[('system', 'As the system'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=8)),
                ('shortcuts', models.BooleanField(default=True, help_text="Single keys do things on a store's pages.")),
                ('toast_seconds', models.PositiveSmallIntegerField(choices=[(5, '5 seconds'), (10, '10 seconds'), (20, '20 seconds'), (0, 'Until I close it')], default=10)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='ClockShift',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('shift', models.DurationField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='clock_shift_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='SendingStop',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('why', models.CharField(blank=True, max_length=250)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='sending_stop_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cap_mails', models.PositiveSmallIntegerField(blank=True, help_text='Null: any number.', null=True)),
                ('cap_days', models.PositiveSmallIntegerField(default=7)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('language', models.CharField(default='en', max_length=10)),
                ('languages', models.JSONField(default=list, help_text='Those its mails are offered in beside its own (stores.languages).')),
                ('website', models.URLField(blank=True)),
                ('sender_name', models.CharField(blank=True, help_text='The person who signs the mails, such as Jo at Marlow & Finch.', max_length=120)),
                ('sender_email', models.EmailField(blank=True, max_length=254)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
                ('postal_address', models.CharField(blank=True, max_length=250)),
                ('brand_color', models.CharField(default='#2451a9', max_length=7)),
                ('typeface', models.CharField(choices=[('plain', 'Plain, as the reader’s device writes'), ('round', 'Round (Trebuchet)'), ('wide', 'Wide (Verdana)'), ('book', 'Like a book (Georgia)'), ('pen', 'Like a pen (Palatino)')], default='plain', max_length=5)),
                ('logo_digest', models.CharField(blank=True, help_text="Names the row of Logo; empty means that the shop's name stands.", max_length=32)),
                ('logo_width', models.PositiveSmallIntegerField(default=0, help_text='In CSS pixels, as the height.')),
                ('logo_height', models.PositiveSmallIntegerField(default=0)),
                ('return_days', models.PositiveSmallIntegerField(default=30)),
                ('warranty_months', models.PositiveSmallIntegerField(default=24)),
                ('thanks_key', models.CharField(default=stores.tokens.public_token, help_text='Signs orders on the thank-you page.', max_length=32)),
                ('topics', models.JSONField(default=dict, help_text='Its own words for the kinds of mail customers choose (customers.topics).')),
                ('delivery_times', models.JSONField(default=dict, help_text='What was learned of the time on the way (orders.delivery).')),
                ('usual_delivery_days', models.PositiveSmallIntegerField(default=5, help_text='From shipping to the door, for parcels nobody scans.')),
                ('soft_opt_in', models.BooleanField(default=False, help_text='Buyers who were never asked may get marketing where the law allows it.')),
                ('strict_service', models.BooleanField(default=False, help_text='Service mails go to subscribers only, as German law wants.')),
                ('account_url', models.URLField(blank=True, help_text='Where a customer of the shop makes an account.', max_length=500)),
                ('reorder_url', models.URLField(blank=True, help_text="Where a customer orders the same again; {number} becomes the order's.", max_length=500)),
                ('describes_orders', models.BooleanField(default=False, help_text='Order mails tell mail programs of orders and parcels (JSON-LD).')),
                ('asks_for_reviews', models.BooleanField(default=True, help_text='A happy check-in leads to a review.')),
                ('consent_months', models.PositiveSmallIntegerField(blank=True, default=24, help_text='After so long without a sign permission is asked for again; null: never.', null=True)),
                ('cart_quiet_hours', models.PositiveSmallIntegerField(default=1, help_text='How long a cart is left alone until it counts as abandoned.')),
                ('track_clicks', models.CharField(choices=[('none', 'In no mail'), ('bulk', 'In help and marketing mails'), ('all', 'In order mails too')], default='bulk', max_length=4)),
                ('quiet_from', models.TimeField(blank=True, help_text="By each customer's wall clock; null: mails may go at any hour.", null=True)),
                ('quiet_until', models.TimeField(blank=True, help_text='Before `quiet_from`, it is of the next day.', null=True)),
                ('marketing_days', models.CharField(default='1234567', help_text='The ISO weekdays on which offers go; Monday is 1.', max_length=7)),
                ('is_paused', models.BooleanField(default=False)),
                ('marketing_paused_at', models.DateTimeField(help_text='When the guard rails stopped marketing by themselves.', null=True)),
                ('marketing_paused_why', models.CharField(blank=True, max_length=250)),
                ('marketing_judged_since', models.DateTimeField(help_text='Mails sent before it no longer count against the store.', null=True)),
                ('resend_unknown_confirmations_after_hours', models.PositiveSmallIntegerField(help_text='Null: never.', null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('cap_mails__isnull', True), ('cap_mails__gte', 1), _connector='OR'), name='store_cap_is_off_or_lets_some_through'), models.CheckConstraint(condition=models.Q(('cap_days__gte', 1)), name='store_cap_has_days'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='store_quiet_hours_have_two_ends'), models.CheckConstraint(condition=models.Q(('marketing_days__regex', '^(?=.)1?2?3?4?5?6?7?$')), name='store_has_marketing_days')],
            },
        ),
        migrations.CreateModel(
            name='SettingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=200)),
                ('before', models.TextField()),
                ('after', models.TextField()),
                ('by_name', models.CharField(help_text='Who that was, for when they have left.', max_length=254)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-id'], name='setting_change_newest')],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=32)),
                ('kind', models.CharField(choices=[('jpg', 'JPEG'), ('png', 'PNG')], max_length=3)),
                ('content', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('digest', 'store'), name='picture_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('marketer', 'Marketer'), ('support', 'Support'), ('viewer', 'Viewer')], max_length=10)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'user'), name='membership_once')],
            },
        ),
        migrations.CreateModel(
            name='Logo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=32)),
                ('content', models.BinaryField()),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('digest', 'store'), name='logo_once')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('marketer', 'Marketer'), ('support', 'Support'), ('viewer', 'Viewer')], max_length=10)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'email'), name='invitation_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('prefix', models.CharField(max_length=12)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
