import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('messaging', '0001_initial'),
        ('orders', '0001_initial'),
        ('segments', '0001_initial'),
        ('stores', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Flow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cap_mails', models.PositiveSmallIntegerField(blank=True, help_text='Null: any number.', null=True)),
                ('cap_days', models.PositiveSmallIntegerField(default=7)),
                ('key', models.SlugField(max_length=60)),
                ('name', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('live', 'Active'), ('watching', 'Only watching'), ('paused', 'Paused')], default='draft', max_length=8)),
                ('activated_at', models.DateTimeField(null=True)),
                ('holdout_percent', models.PositiveSmallIntegerField(default=0, help_text='Of a hundred people, how many get nothing from it that sells, so that the rest can be compared with them.')),
                ('is_one_off', models.BooleanField(default=False, help_text='The way of a campaign (campaigns.one_off): in no list of flows.')),
                ('priority', models.PositiveSmallIntegerField(default=50, help_text="Where a customer may get one mail only, the lower flow's goes first.")),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
        ),
        migrations.CreateModel(
            name='FlowVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('trigger', models.CharField(help_text='The Event kind that starts it.', max_length=32)),
                ('only_where', models.JSONField(default=list, help_text="What must hold of the event's data (campaigns.filters).")),
                ('reentry', models.CharField(choices=[('once', 'Once in a lifetime'), ('per_order', 'Once an order'), ('after_days', 'Again after some days'), ('every_time', 'Every time')], default='per_order', max_length=10)),
                ('reentry_days', models.PositiveSmallIntegerField(help_text='After how many days they may enter again.', null=True)),
                ('exits', models.JSONField(default=list, help_text='Names of `leaving.EXITS` that end it at any moment.')),
                ('created_at', models.DateTimeField()),
                ('taken_out', models.JSONField(default=list, help_text='Steps removed from a draft, as they were, to be put back.')),
                ('published_at', models.DateTimeField(null=True)),
                ('says', models.JSONField(default=list, help_text='What publishing it changed, in sentences.')),
                ('undone_at', models.DateTimeField(help_text='When publishing it was taken back.', null=True)),
                ('is_moving_people', models.BooleanField(default=False, help_text='Those inside come to it; once it is undone, they go back.')),
                ('audience', models.ForeignKey(help_text='Empty means everyone.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='segments.segment')),
                ('based_on', models.ForeignKey(help_text='What it was copied from.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.flowversion')),
                ('flow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='campaigns.flow')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
        ),
        migrations.AddField(
            model_name='flow',
            name='draft',
            field=models.ForeignKey(help_text='The one that is edited beside it, if any.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='campaigns.flowversion'),
        ),
        migrations.AddField(
            model_name='flow',
            name='version',
            field=models.ForeignKey(help_text='The one new people enter.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='campaigns.flowversion'),
        ),
        migrations.CreateModel(
            name='Enrollment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_key', models.CharField(max_length=80)),
                ('state', models.CharField(choices=[('active', 'In it'), ('done', 'Finished'), ('left', 'Left')], default='active', max_length=8)),
                ('left_reason', models.CharField(blank=True, choices=[('no_consent', 'Has not agreed to this kind of mail'), ('unsubscribed', 'Unsubscribed'), ('suppressed', 'This address takes no mail'), ('erased', 'Customer was erased'), ('cancelled', 'Order was cancelled'), ('refunded', 'Order was refunded'), ('returned', 'Everything was returned'), ('too_late', 'Too late to be of use'), ('no_tips', 'The products have no tips yet'), ('no_pairing', 'Nothing is known to go well with it'), ('no_code', 'No discount code was left'), ('no_address', 'No e-mail address'), ('no_imprint', 'The shop’s postal address is missing'), ('bought_since', 'Bought again in the meantime'), ('low_score', 'Was not happy'), ('answered', 'Has already answered'), ('out_of_stock', 'Cannot be bought at the moment'), ('asked', 'Was asked for a review already'), ('check_in', 'The check-in asks instead'), ('open_task', 'Waits until an open task is closed'), ('paused', 'Paused'), ('stopped', 'Sending is stopped'), ('cap', 'Would be too many mails'), ('quiet_hours', 'Quiet hours'), ('holdout', 'In the comparison group'), ('shop_sends_it', 'The shop sends this mail itself'), ('merged', "Joined with another order's mails"), ('arrived', 'The first one had arrived after all'), ('not_needed', 'Was not needed'), ('not_sure', 'Nobody has said that it arrived'), ('trouble', 'Waits until a late, failed or refunded order is put right'), ('waits', 'Waits for something to happen'), ('happened', 'What was waited for has happened'), ('not_happened', 'What was waited for did not happen'), ('not_among', 'Is not among those it is for'), ('instead', 'Another mail goes in its place'), ('left_audience', 'Is no longer among those it is for'), ('step_removed', 'The step was taken out of the flow'), ('staff', 'Skipped by hand'), ('called_off', 'Its campaign was stopped'), ('render', 'The mail could not be drawn'), ('restored', 'May have gone before a backup was put back'), ('watch_only', 'Watched only: this mail would have gone')], max_length=20)),
                ('entered_at', models.DateTimeField()),
                ('is_held_out', models.BooleanField(help_text='Gets nothing that sells. Null: nothing was compared when they entered.', null=True)),
                ('rungs', models.JSONField(default=dict, help_text="Which of two steps on one rung they took: the first's key to the taken one's.")),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to='customers.customer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to='orders.order')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('flow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to='campaigns.flow')),
                ('moved_from', models.ForeignKey(db_index=False, help_text='Where undoing brings them back to.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.flowversion')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='enrollments', to='campaigns.flowversion')),
            ],
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('shared', 'One shared code'), ('pool', 'A pool of codes')], default='shared', max_length=8)),
                ('value', models.CharField(blank=True, help_text="As the customer reads it, such as '€10 off'.", max_length=60)),
                ('code', models.CharField(blank=True, help_text='The shared code.', max_length=60)),
                ('days_valid', models.PositiveSmallIntegerField(default=14, help_text='From the day of the mail.')),
                ('ends_at', models.DateTimeField(help_text="The shop's own end of the offer.", null=True)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(help_text='Stable across versions, so that moving people cannot mail twice.', max_length=60)),
                ('name', models.CharField(max_length=120)),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('mail', 'Mail'), ('wait', 'Wait until something happens'), ('coupon', 'Give a code'), ('tag', 'Tag the customer'), ('note', 'Write a note'), ('task', 'Task for staff'), ('survey', 'Ask a question'), ('webhook', 'Tell another system')], default='mail', max_length=8)),
                ('details', models.JSONField(default=dict, help_text='What a step that is no mail waits for or does (campaigns.waits, campaigns.doing).')),
                ('anchor', models.CharField(choices=[('placed', 'Order placed'), ('shipped', 'Order shipped'), ('expected', 'Delivery expected'), ('received', 'Order received'), ('out_for_delivery', 'Out for delivery'), ('late', 'Delivery late'), ('problem', 'Delivery failed'), ('refunded', 'Money given back'), ('entered', 'Entered the flow'), ('waited', 'The wait before it is over')], max_length=16)),
                ('offset_hours', models.IntegerField(default=0, help_text='After the anchor; whole days when there is a time of day.')),
                ('time_of_day', models.TimeField(help_text="On that day, by the customer's wall clock.", null=True)),
                ('not_after_anchor', models.CharField(blank=True, choices=[('placed', 'Order placed'), ('shipped', 'Order shipped'), ('expected', 'Delivery expected'), ('received', 'Order received'), ('out_for_delivery', 'Out for delivery'), ('late', 'Delivery late'), ('problem', 'Delivery failed'), ('refunded', 'Money given back'), ('entered', 'Entered the flow'), ('waited', 'The wait before it is over')], help_text='The moment it must stay ahead of.', max_length=16)),
                ('not_after_hours', models.IntegerField(default=0, help_text='How many hours ahead of it.')),
                ('early_after_answer_hours', models.PositiveIntegerField(help_text='A happy answer brings it forward, to so long after.', null=True)),
                ('use_by_hours', models.PositiveIntegerField(help_text='How long after its due time the mail is still of use.')),
                ('purpose', models.CharField(choices=[('transactional', 'Transactional'), ('service', 'Service'), ('marketing', 'Marketing')], max_length=15)),
                ('conditions', models.JSONField(default=list, help_text='Names of `decisions.CONDITIONS` that must hold.')),
                ('instead_of', models.SlugField(blank=True, help_text='The key of the step whose place it takes for `only_if`.', max_length=60)),
                ('content', models.JSONField(default=dict, help_text='Subject, preheader and blocks (messaging.rendering).')),
                ('variants', models.JSONField(default=list, help_text="Other wordings: {key, share in per cent, content that replaces parts of the step's own} (campaigns.lots).")),
                ('may_be_the_shops', models.BooleanField(default=False, help_text='Shops often send this one themselves: it has the switch.')),
                ('is_off', models.BooleanField(default=False, help_text='Stays in the flow, is planned for nobody and mails nobody.')),
                ('revision', models.PositiveIntegerField(default=1, help_text="Counts its changes, so that nobody saves over another's.")),
                ('edited_at', models.DateTimeField(null=True)),
                ('edited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offer', models.ForeignKey(help_text='What an offer block promises.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='campaigns.offer')),
                ('only_if', models.ForeignKey(help_text='Asked when the step is due; empty means everyone.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='segments.segment')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='campaigns.flowversion')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='StepRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step_key', models.SlugField(db_index=False, max_length=60)),
                ('occurrence', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for its moment to be known'), ('planned', 'Planned'), ('held', 'On hold'), ('handed_over', 'Handed over'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled')], max_length=12)),
                ('reason', models.CharField(blank=True, choices=[('no_consent', 'Has not agreed to this kind of mail'), ('unsubscribed', 'Unsubscribed'), ('suppressed', 'This address takes no mail'), ('erased', 'Customer was erased'), ('cancelled', 'Order was cancelled'), ('refunded', 'Order was refunded'), ('returned', 'Everything was returned'), ('too_late', 'Too late to be of use'), ('no_tips', 'The products have no tips yet'), ('no_pairing', 'Nothing is known to go well with it'), ('no_code', 'No discount code was left'), ('no_address', 'No e-mail address'), ('no_imprint', 'The shop’s postal address is missing'), ('bought_since', 'Bought again in the meantime'), ('low_score', 'Was not happy'), ('answered', 'Has already answered'), ('out_of_stock', 'Cannot be bought at the moment'), ('asked', 'Was asked for a review already'), ('check_in', 'The check-in asks instead'), ('open_task', 'Waits until an open task is closed'), ('paused', 'Paused'), ('stopped', 'Sending is stopped'), ('cap', 'Would be too many mails'), ('quiet_hours', 'Quiet hours'), ('holdout', 'In the comparison group'), ('shop_sends_it', 'The shop sends this mail itself'), ('merged', "Joined with another order's mails"), ('arrived', 'The first one had arrived after all'), ('not_needed', 'Was not needed'), ('not_sure', 'Nobody has said that it arrived'), ('trouble', 'Waits until a late, failed or refunded order is put right'), ('waits', 'Waits for something to happen'), ('happened', 'What was waited for has happened'), ('not_happened', 'What was waited for did not happen'), ('not_among', 'Is not among those it is for'), ('instead', 'Another mail goes in its place'), ('left_audience', 'Is no longer among those it is for'), ('step_removed', 'The step was taken out of the flow'), ('staff', 'Skipped by hand'), ('called_off', 'Its campaign was stopped'), ('render', 'The mail could not be drawn'), ('restored', 'May have gone before a backup was put back'), ('watch_only', 'Watched only: this mail would have gone')], max_length=20)),
                ('variant', models.CharField(blank=True, help_text="The wording they got; empty is the step's own.", max_length=20)),
                ('facts', models.JSONField(default=dict, help_text="What the plan and the decision rested on, for the 'why'.")),
                ('is_urgent', models.BooleanField(default=False, help_text='Transactional: goes before bulk.')),
                ('due_at', models.DateTimeField(help_text='What the timing rule says; of a waiting run, a forecast.')),
                ('use_by', models.DateTimeField()),
                ('wake_at', models.DateTimeField(help_text='When the sweep looks at it next: its due time, or the end of a hold.', null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='customers.customer')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='campaigns.enrollment')),
                ('message', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='run', to='messaging.message')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='orders.order')),
                ('step', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.RESTRICT, related_name='runs', to='campaigns.step')),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
        ),
        migrations.CreateModel(
            name='OfferCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60)),
                ('issued_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='campaigns.offer')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
                ('run', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='code', to='campaigns.steprun')),
            ],
        ),
        migrations.CreateModel(
            name='StepSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step_key', models.SlugField(max_length=60)),
                ('choice', models.CharField(choices=[('ours', 'Doorstep sends it'), ('shop', 'The shop already sends it'), ('paused', 'Paused')], max_length=8)),
                ('flow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='switches', to='campaigns.flow')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stores.store')),
            ],
        ),
        migrations.AddIndex(
            model_name='flowversion',
            index=models.Index(condition=models.Q(('is_moving_people', True)), fields=['id'], name='flow_version_moving'),
        ),
        migrations.AddConstraint(
            model_name='flowversion',
            constraint=models.UniqueConstraint(fields=('flow', 'number'), name='flow_version_once'),
        ),
        migrations.AddConstraint(
            model_name='flow',
            constraint=models.UniqueConstraint(fields=('store', 'key'), name='flow_once'),
        ),
        migrations.AddConstraint(
            model_name='flow',
            constraint=models.CheckConstraint(condition=models.Q(('cap_mails__isnull', True), ('cap_mails__gte', 1), _connector='OR'), name='flow_cap_is_off_or_lets_some_through'),
        ),
        migrations.AddConstraint(
            model_name='flow',
            constraint=models.CheckConstraint(condition=models.Q(('cap_days__gte', 1)), name='flow_cap_has_days'),
        ),
        migrations.AddIndex(
            model_name='enrollment',
            index=models.Index(fields=['flow', 'state'], name='enrollment_of_flow'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.UniqueConstraint(fields=('customer', 'flow', 'entry_key'), name='enrollment_once'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(fields=('store', 'name'), name='offer_name_once'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(fields=('version', 'key'), name='step_key_once'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(condition=models.Q(('state__in', ['planned', 'held'])), fields=['is_urgent', 'store', 'wake_at', 'id'], name='step_run_due'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(condition=models.Q(('state', 'planned'), ('wake_at__isnull', True)), fields=['step', 'due_at'], name='step_run_in_line'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['step', 'state', 'reason'], name='step_run_of_step'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['customer', 'due_at'], name='step_run_of_customer'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['store', 'state', 'due_at'], name='step_run_of_store'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['store', '-due_at', '-id'], name='step_run_newest'),
        ),
        migrations.AddConstraint(
            model_name='steprun',
            constraint=models.UniqueConstraint(fields=('enrollment', 'step_key', 'occurrence'), name='step_run_once'),
        ),
        migrations.AddIndex(
            model_name='offercode',
            index=models.Index(condition=models.Q(('issued_at__isnull', True)), fields=['offer', 'id'], name='offer_code_left'),
        ),
        migrations.AddConstraint(
            model_name='offercode',
            constraint=models.UniqueConstraint(fields=('offer', 'code'), name='offer_code_once'),
        ),
        migrations.AddConstraint(
            model_name='stepswitch',
            constraint=models.UniqueConstraint(fields=('flow', 'step_key'), name='step_switch_once'),
        ),
    ]
